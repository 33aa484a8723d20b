"""Which proxies to believe about where a request came from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

Address = IPv4Address | IPv6Address

FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
             "HTTP_X_FORWARDED_PROTO")  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The networks whose ``X-Forwarded-*`` headers are true."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def listed(cls, items: Iterable[str]) -> TrustedProxies:
        """From addresses and networks as text."""
        return cls(tuple(ip_network(item) for item in items))

    def remote_address(self, meta: MutableMapping[str, Any]) -> str | None:
        """The address that sent the request: the rightmost one that is not a trusted proxy.

        Removes what an untrusted peer says about itself from ``meta``, so that nothing later believes it. ``None``
        when the server did not say who its peer is (a unix socket).
        """
        address = _parse(meta.get("REMOTE_ADDR", ""))
        if address is None or not self._trusts(address):
            for name in FORWARDED:
                meta.pop(name, None)
            return str(address) if address else None
        for hop in reversed(meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            sender = _parse(hop.strip())
            if sender is None:
                break
            address = sender
            if not self._trusts(address):
                break
        return str(address)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


@lru_cache(maxsize=256)  # mostly the same few: the proxies, or this machine
def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A dual-stack socket shows IPv4 peers as ::ffff:192.0.2.1
    return getattr(address, "ipv4_mapped", None) or address
