import sys

from stripeflow_site.standin.cli import main

if __name__ == "__main__":
    sys.exit(main())
