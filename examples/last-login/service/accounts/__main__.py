"""`python -m accounts serve | migrate | rollback VERSION | purge`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from accounts import migrate
from accounts.app import Application
from accounts.jobs.purge_idempotency_keys import purge
from accounts.server import Server
from accounts.settings import Settings


def main(arguments: list[str]) -> int:
    """Run one command of the service."""
    settings = Settings.from_environment(os.environ)
    if arguments == ["serve"]:
        server = Server(settings, Application(settings))
        server.drain_on_sigterm()
        server.serve()
    elif arguments == ["migrate"]:
        print("applied:", migrate.forward(settings.database) or "nothing to do")
    elif len(arguments) == 2 and arguments[0] == "rollback":
        print("rolled back:", migrate.back(settings.database, to=int(arguments[1])) or "nothing to do")
    elif arguments == ["purge"]:
        print("deleted:", purge(Application(settings).idempotency, datetime.now(UTC)))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
