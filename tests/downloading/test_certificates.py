"""The certificate must be that of the name, whatever machine was found for it."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from forecast.errors import EnvironmentFault
from tests.downloading.outside import BODY, Outside, loopback, whole
from tests.served import served

pytestmark = loopback


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate of our own for `data.example`."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    key, paper = folder / "key.pem", folder / "certificate.pem"
    said = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=data.example"
    said += f" -addext subjectAltName=DNS:data.example -keyout {key} -out {paper}"
    subprocess.run([openssl, "req", *said.split()], check=True, capture_output=True)
    return key, paper


def accepting(paper: Path) -> ssl.SSLContext:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(paper)
    return trust


def secured(certificate: tuple[Path, Path], names: list[str]) -> ssl.SSLContext:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate[1], certificate[0])
    trust.sni_callback = lambda line, name, context: names.append(name)
    return trust


def test_the_certificate_is_that_of_the_name_although_the_machine_is_fixed(
    outside: Outside, certificate: tuple[Path, Path]
) -> None:
    names: list[str] = []
    with served(secured(certificate, names)) as server:
        outside.server = server
        outside.answers(whole)
        safe = {"schemes": ("https",), "trust": accepting(certificate[1])}
        address = outside.address().replace("http:", "https:")
        assert outside.get(address, **safe).bytes == len(BODY)
        assert names == ["data.example"]
        assert server.asked[0][1]["Host"] == f"data.example:{server.port}"


@pytest.mark.parametrize(("host", "known"), [("mirror.example", True), ("data.example", False)])
def test_a_certificate_of_another_name_or_of_nobody_is_refused_at_once(
    outside: Outside, certificate: tuple[Path, Path], host: str, known: bool
) -> None:
    with served(secured(certificate, [])) as server:
        outside.server = server
        trust = accepting(certificate[1]) if known else ssl.create_default_context()
        address = outside.address(host=host).replace("http:", "https:")
        told = outside.refused(EnvironmentFault, address=address, schemes=("https",), trust=trust)
    assert f"the certificate of `{host}` is not accepted" in told
    assert outside.pauses == []
    assert server.asked == []
