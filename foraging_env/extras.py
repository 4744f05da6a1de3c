"""What this project is called where packages are installed from, and how its extras are installed."""

DISTRIBUTION = "foraging-env"


def install(extra: str) -> str:
    """The command that installs an optional extra."""
    return f'pip install "{DISTRIBUTION}[{extra}]"'
