"""What is set under a name that is none, or by Kubernetes, is said."""

import pytest

from oncall.errors import SetupError
from oncall.misspelt_settings import misspelt
from oncall.settings import load_settings


def test_a_name_that_is_nearly_a_setting_is_told_of() -> None:
    names = ["ONCALL_METRICS_TOKN", "oncall_port", "ONCALL_SERVICE_HOST", "ONCALL_PORT_8000_TCP_ADDR", "PATH"]
    assert misspelt(names) == ["ONCALL_METRICS_TOKN is no setting: did you mean ONCALL_METRICS_TOKEN?"]


def test_the_environment_and_the_file_are_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    with open(".env", "w", encoding="utf-8") as file:
        file.write("ONCALL_PUBLIC_URI=https://oncall.example.com\n")
    monkeypatch.setenv("ONCALL_TWILIO_FORM", "+12025550100")
    assert [sentence.partition(" ")[0] for sentence in misspelt()] == ["ONCALL_PUBLIC_URI", "ONCALL_TWILIO_FORM"]


def test_a_port_that_kubernetes_sets_is_said_to_be_that() -> None:
    with pytest.raises(SetupError, match="ONCALL_PORT: was set by Kubernetes"):
        load_settings(_env_file=None, port="tcp://10.0.0.1:8000")
