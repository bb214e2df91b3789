"""Campaigns: one experiment, written in one TOML file, expanded into conditions."""

from testbed.campaign.campaign import Campaign, builtin, builtins, load
from testbed.campaign.check import Names
from testbed.campaign.read import Override, override

__all__ = ["Campaign", "Names", "Override", "builtin", "builtins", "load", "override"]
