"""The parts of `benchmarks/accuracy_replies.py`: one module for each kind of material, one for the count."""
