"""What somebody outside says who is no phone, well-formed or not; `Edge.client` is a connection to say it on."""

import functools

import network
from peers import sip

request = functools.partial(sip.request, user="mallory", address=network.OUTSIDE_OTHER)
