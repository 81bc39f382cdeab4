"""What the scripts that measure share: how they end, which program they measure, and their record."""
import json
import os
import subprocess
import sys
import time

# 'headwise history' passes such a record over, and 'headwise report' says what it is about.
SCHEMA = "headwise.script/1"


def fail(text, code=64):
    print(f"headwise: {text}", file=sys.stderr)
    raise SystemExit(code)


def need(*needs):
    """Says and installs what is missing: calls of scripts/setup, such as need_swift."""
    outcome = subprocess.run(["bash", "-c", ". scripts/setup; " + "; ".join([*needs, "install_needs"])])
    if outcome.returncode != 0:
        raise SystemExit(outcome.returncode)


def program(*others):
    """The path of headwise: $HEADWISE_BINARY, or the release build. Others lie beside it."""
    named = os.environ.get("HEADWISE_BINARY")
    if not named:
        need("need_swift", "need_git", "need_libraries")
        for product in ("headwise", *others):
            outcome = subprocess.run(["swift", "build", "-c", "release", "--product", product], stdout=sys.stderr)
            if outcome.returncode != 0:
                fail("the build failed; its last lines are above", 40)
        named = ".build/release/headwise"
    found = os.path.abspath(named)
    for path in (found, *(os.path.join(os.path.dirname(found), other) for other in others)):
        if not os.access(path, os.X_OK):
            fail(f"{path} is no program", 40)
    return found


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def require_absent(record):
    """Long work must not end at a file that was there."""
    if record and os.path.exists(record):
        fail(f"{record} already exists; move it away or give another --record", 40)


def whole(word, value, least=1):
    """The number that a flag has."""
    if not value.isdigit() or int(value) < least:
        fail(f"{word} is {value}, not a whole number of {least} or more")
    return int(value)


def head(about, command):
    """What a record begins with; `about` says in a phrase what it holds."""
    return {"schema": SCHEMA, "about": about, "commandLine": command}


def keep(record, about, command, content):
    """Writes a record that is not there yet."""
    with open(record, "x") as file:
        json.dump(head(about, command) | content, file, indent=1, ensure_ascii=False)
        file.write("\n")
