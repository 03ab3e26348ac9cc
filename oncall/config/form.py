"""What every part of the config file has in common."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

NO_TIME = datetime(1, 1, 1)  # noqa: DTZ001 - a wall-clock time has no zone
NO_SPAN = timedelta()


class Form(BaseModel):
    """Part of the file. Dumps to file form: in the order of the fields, without those that say nothing."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True, defer_build=True)
    key_field: ClassVar[str] = ""
    """The field that names an object; "" where the object has no name."""
    needed: ClassVar[tuple[str, ...]] = ()

    @property
    def key_name(self) -> str:
        name: str = getattr(self, self.key_field)
        return name

    @model_serializer(mode="wrap")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Any:
        whole: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        given = self.model_fields_set.intersection(self.needed)
        return self._shorten(
            {
                name: value
                for name, value in whole.items()
                if name in given or getattr(self, name) != fields[name].get_default(call_default_factory=True)
            }
        )

    def _shorten(self, written: dict[str, Any]) -> Any:
        """What is written, in the form that people would choose."""
        return written
