"""Text in an address that may have slashes, as with the framework's own `path`, and with line breaks."""

from starlette.convertors import Convertor


class AnyText(Convertor[str]):
    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value
