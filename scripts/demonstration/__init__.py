# SPDX-License-Identifier: MIT
"""The demo: scripts/demo runs it.

__main__.py    modes, the lock, Ctrl-C
story.py       the steps, in order
crash.py       the step that cuts the owner off
site.py        the three hosts with servers and speakers, and the client
text.py        printing
"""
