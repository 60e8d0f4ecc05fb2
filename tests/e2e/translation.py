"""Address translation before the edge, as a small office has it: `beyond` <-> `nat` <-> the edge's private address.

nftables in `nat` gives the edge's UDP ports a public address, and what the edge sends that address as its source. It does
not send back what the edge itself says to the public address: that way is closed, as in most such devices.
"""

import re

from peers.processes import output_of

PUBLIC = "203.0.113.1"
BEYOND = "203.0.113.2"
PRIVATE_GATEWAY = "192.168.50.1"
PRIVATE = "192.168.50.2"

RULES = """\
table ip translation {{
  counter turned_back {{ }}
  chain incoming {{
    type nat hook prerouting priority dstnat;
    iifname "public0" ip daddr {public} udp dport {{ {ports} }} dnat to {private}
    iifname "private0" ip daddr {public} counter name turned_back drop
  }}
  chain outgoing {{
    type nat hook postrouting priority srcnat;
    oifname "public0" ip saddr {private} snat to {public}
  }}
}}
"""


class Translation:
    """Makes the namespaces `nat` and `beyond`. `ports`: the UDP ports of the node that are open, as nftables writes them."""

    def __init__(self, net, ports):
        self._nat = net.namespace("nat", forwards=True)
        net.join((net.namespace("beyond"), "net0", BEYOND), (self._nat, "public0", PUBLIC))
        net.join((self._nat, "private0", PRIVATE_GATEWAY), (net["edge"], "private0", PRIVATE))
        net["edge"].ip("route", "add", "203.0.113.0/24", "via", PRIVATE_GATEWAY)
        self._nft("-f", "-", text=RULES.format(public=PUBLIC, private=PRIVATE, ports=ports))

    def _nft(self, *arguments, text=None):
        return output_of(["nft", *arguments], host=self._nat, text=text)

    def turned_back(self):
        """How many packets the edge has sent to its own public address."""
        told = self._nft("list", "counter", "ip", "translation", "turned_back")
        return int(re.search(r"packets (\d+)", told)[1])
