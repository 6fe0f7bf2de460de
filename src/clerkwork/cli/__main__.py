"""`python -m clerkwork.cli`: the command line, for processes that start it anew."""

from clerkwork.cli import main

if __name__ == "__main__":
    main()
