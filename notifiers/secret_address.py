"""Addresses that let whoever knows them post there."""


def masked(address: str) -> str:
    """Enough to tell two apart, too little to use: `https://…call`."""
    scheme, separator, rest = address.partition("://")
    return f"{scheme if separator else ''}{separator}…{rest[-4:] if len(rest) >= 12 else ''}"
