"""HTTP routes, each with its operation id and the scope that it demands."""
