"""Runs the case_* functions of a script and says which of them worked."""
import sys
import traceback


def run(namespace):
    """Usage of every script: SCRIPT HOST PORT [CASE ...]. Prints `ok NAME` for each case that worked."""
    host, port = sys.argv[1], int(sys.argv[2])
    wanted = sys.argv[3:]
    failed = 0
    for name, function in list(namespace.items()):
        if not name.startswith("case_") or (wanted and name[5:] not in wanted):
            continue
        try:
            function(host, port)
        except Exception:
            failed += 1
            print(f"failed {name[5:]}: {traceback.format_exc()}", flush=True)
        else:
            print(f"ok {name[5:]}", flush=True)
    sys.exit(1 if failed else 0)
