"""Git addresses: which are taken, and every known way of smuggling something in with one."""

import socket

import pytest

from core.errors import BadInput, Forbidden, PlumblineError, SourceError
from ingest.address import is_git, is_short, parse, resolve

OPTIONS = [
    "--upload-pack=touch",
    "--upload-pack=touch x",
    "-oProxyCommand=touch",
    "-u@host:path",
    "ssh://-oProxyCommand=touch/x",
    "ssh://host/-x",
    "ssh://user@-host/x",
    "user@-host:path",
    "git@host:-x",
    "https://github.com/--upload-pack=x",
]
PROTOCOLS = [
    "ext::sh",
    "ext::sh -c touch",
    "ext::sh%20-c%20touch",
    "fd::17",
    "https::https://github.com/o/r",
    "file:///etc",
    "FILE:///etc",
    "git://github.com/o/r",
    "http://github.com/o/r",
    "http://2130706433/",
    "http://[::ffff:127.0.0.1]/",
    "ftp://github.com/o/r",
    "git+ssh://github.com/o/r",
]
PRIVATE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fc00::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[ff02::1]",
]
BROKEN = [
    "https://github.com/o/r\nhost: x",
    "https://github.com/o/r\x00",
    "https://github.com/o r",
    "https://github.com\\@localhost/o",
    "https://github.com/",
    "https:///o/r",
    "https://github.com/o/r?x=1",
    "https://github.com/o/r#main",
    "https://github.com:99999/o/r",
    "https://\u2100.com/o/r",
    "https://github.com/o/\u202er",
    "https://exa_mple$.com/o/r",
    "https://" + "a" * 3000,
    "https://user:secret@github.com/o/r",
    "https://github.com@localhost/o/r",
    "https://@github.com/o/r",
]


@pytest.mark.parametrize("text", OPTIONS + PROTOCOLS + BROKEN)
def test_what_no_address_should_hold_is_refused(text: str):
    with pytest.raises((BadInput, Forbidden)) as caught:
        parse(text)
    assert caught.value.hint
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("form", ["https://{}/o/r", "ssh://git@{}/o/r"])
def test_private_hosts_are_refused_however_they_are_written(host: str, form: str):
    with pytest.raises(Forbidden, match="this machine or of a private network"):
        parse(form.format(host))


@pytest.mark.parametrize("host", [host for host in PRIVATE if not host.startswith("[")])
def test_private_hosts_are_refused_in_the_short_ssh_form(host: str):
    with pytest.raises(Forbidden):
        parse(f"git@{host}:o/r.git")


@pytest.mark.parametrize(
    "text, scheme, host, port",
    [
        ("https://github.com/o/r", "https", "github.com", 443),
        ("https://github.com/o/r.git", "https", "github.com", 443),
        ("https://git.sr.ht:8443/~user/my.repo+x", "https", "git.sr.ht", 8443),
        ("ssh://git@gitlab.com:2222/group/sub/r.git", "ssh", "gitlab.com", 2222),
        ("git@github.com:o/r.git", "ssh", "github.com", 22),
        ("https://[2606:4700::1]/o/r", "https", "2606:4700::1", 443),
        ("https://[::ffff:8.8.8.8]/o/r", "https", "::ffff:8.8.8.8", 443),
        ("https://8.8.8.8/o/r", "https", "8.8.8.8", 443),
    ],
)
def test_addresses_that_people_give_are_taken(text: str, scheme: str, host: str, port: int):
    found = parse(text)
    assert (found.url, found.scheme, found.host, found.port) == (text, scheme, host, port)


def test_the_short_form_means_github():
    found = parse("huggingface/transformers")
    assert found.url == "https://github.com/huggingface/transformers"
    assert found.shown == "github.com/huggingface/transformers"
    assert parse("git@github.com:huggingface/transformers.git").shown == found.shown


@pytest.mark.parametrize("text", ["../up", "a/..", "a/b/c", "-a/b", "a", "/a", "a/", "a/b."])
def test_what_is_not_the_short_form(text: str):
    assert not is_short(text)


def test_what_is_meant_as_a_git_address():
    assert all(map(is_git, ["https://x/y", "ext::sh", "git@h:p", "file:///x", "user@-host:x"]))
    assert not any(map(is_git, ["transformers", "./a", "a/b", "C:\\x", "/a/b@c:d"]))


def named(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> None:
    found = [
        (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443))
        for each in numbers
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


@pytest.mark.parametrize("number", ["127.0.0.1", "10.1.1.1", "::1", "fe80::1%eth0", "::ffff:a00:1"])
def test_a_name_for_a_private_number_is_refused(number: str, monkeypatch: pytest.MonkeyPatch):
    """As a name server would answer that is in league with the address."""
    named(monkeypatch, "93.184.215.14", number)
    with pytest.raises(Forbidden, match=r"rebind\.example"):
        resolve(parse("https://rebind.example/o/r"))


def test_a_public_name_gives_its_number(monkeypatch: pytest.MonkeyPatch):
    named(monkeypatch, "93.184.215.14", "2606:4700::1")
    assert resolve(parse("https://public.example/o/r")) == "93.184.215.14"


def test_localhost_is_refused_by_its_number():
    with pytest.raises(Forbidden):
        resolve(parse("https://localhost/o/r"))


def test_an_unknown_host_is_an_error_of_the_source(monkeypatch: pytest.MonkeyPatch):
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceError, match=r"nowhere\.example is not known"):
        resolve(parse("https://nowhere.example/o/r"))


def test_loopback_is_allowed_to_tests_alone():
    assert parse("http://127.0.0.1:8000/o/r", loopback=True).port == 8000
    assert resolve(parse("http://127.0.0.1:8000/o/r", loopback=True), loopback=True) == "127.0.0.1"
    for text in ("http://10.0.0.1/o/r", "ext::sh", "file:///etc"):
        with pytest.raises(PlumblineError):
            parse(text, loopback=True)
