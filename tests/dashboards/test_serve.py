"""The server as a command."""

import socket
from pathlib import Path

import pytest

from dashboards.serve import main


def test_a_port_that_is_taken_is_said_in_a_sentence(
    empty_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--port", str(taken.getsockname()[1])]) == 2
    said = capsys.readouterr().err
    assert "--port" in said
    assert said.count("\n") == 1


def test_without_sign_in_no_other_machine_is_answered(
    empty_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--host", "0.0.0.0"]) == 2
    assert "sign-in" in capsys.readouterr().err


def test_a_home_that_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert main(["--home", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.startswith("happycall: ")
