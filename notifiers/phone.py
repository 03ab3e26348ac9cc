"""Phone numbers as people write them and as providers take them."""

import phonenumbers

ADVICE = "write it with + and the country, like +12025550101"


def phone_number(text: str) -> str:
    """In E.164, such as +12025550101. Raises ValueError with the end of a sentence about the number."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise ValueError(f"is not a phone number: {ADVICE}") from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == phonenumbers.ValidationResult.IS_POSSIBLE:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    amount = {phonenumbers.ValidationResult.TOO_LONG: "too many", phonenumbers.ValidationResult.TOO_SHORT: "too few"}
    raise ValueError(f"has {amount.get(reason, 'the wrong number of')} digits for a phone number: {ADVICE}")
