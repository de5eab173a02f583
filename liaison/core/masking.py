"""Names and numbers with their middle hidden: for those who need not know them to do their work."""


def mask_name(name: str | None) -> str:
    """张*: the first character and no hint of how many follow."""
    name = (name or "").strip()
    return f"{name[0]}*" if name else ""


def mask_phone(phone: str | None) -> str:
    """138****5521; of a short number only the end, of less than seven digits nothing."""
    digits = "".join(character for character in phone or "" if character.isdecimal())
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) >= 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) >= 7 else "****" if digits else ""
