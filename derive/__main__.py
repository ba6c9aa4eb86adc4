"""`python -m derive` is the command `derive`."""

import sys

if __name__ == "__main__":
    try:
        from derive.cli import main
    except ModuleNotFoundError as error:
        needed = f"the package {error.name} is not installed"
        print(f"derive: {needed}; install derive with what it needs, for example: pip install .", file=sys.stderr)
        sys.exit(2)
    main()
