"""`python -m ops_model` is the command line."""

from ops_model.cli import main

main()
