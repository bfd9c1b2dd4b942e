"""The local mailbox (dev/mailbox), in which the Worker's mails end, and the pages behind the links
in them."""

import re
import time
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx

PATIENCE_SECONDS = 20
EXTERNAL_URL = "https://auth.example.test"


@dataclass
class Mail:
    subject: str
    link: str
    token: str
    code: str


class Mailbox:
    def __init__(self, url: str) -> None:
        self._url = url

    def mail(self, address: str, count: int = 1) -> Mail:
        """Waits until there are so many mails to an address, and reads the newest."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            mails = httpx.get(f"{self._url}/messages", params={"to": address}).raise_for_status().json()
            if len(mails) >= count:
                return _read(mails[0])
            assert time.monotonic() < deadline, f"waited in vain for mail {count} to {address}"
            time.sleep(0.05)


def _read(mail: dict) -> Mail:
    link = re.search(r"^https?:\S+/verify\?\S+$", mail["text"], re.MULTILINE)
    code = re.search(r"^\d{6}$", mail["text"], re.MULTILINE)
    token = parse_qs(urlsplit(link[0]).query)["token"][0] if link else ""
    return Mail(mail["subject"], link[0] if link else "", token, code[0] if code else "")


def click(world, mail: Mail, *, network: str = "198.18.0.1", **typed: str) -> str:
    """Opens a mailed link in a browser and presses the button; where that leads."""
    here = world.url.removesuffix("/auth/v1")
    with httpx.Client(headers={"cf-connecting-ip": network, "sec-fetch-site": "same-origin"}) as http:
        page = http.get(mail.link.replace(EXTERNAL_URL, here)).raise_for_status().text
        action = unescape(re.search(r'<form method="post" action="([^"]+)"', page)[1])
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
        answer = http.post(action.replace(EXTERNAL_URL, here), data={**hidden, **typed})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]
