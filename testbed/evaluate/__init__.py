"""Faults evaluated on a target without a campaign: which of them do its own tests find?"""
