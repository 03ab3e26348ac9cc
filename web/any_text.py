"""Text in an address that may have slashes, as with the framework's own `path`, and line breaks, as an alias may."""

from starlette.convertors import Convertor, register_url_convertor

ANY_TEXT = "any"


class AnyText(Convertor[str]):
    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor(ANY_TEXT, AnyText())
