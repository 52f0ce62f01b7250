# SPDX-License-Identifier: MIT
"""The demo: scripts/demo runs it.

__main__.py    modes, the lock, Ctrl-C
story.py       the steps, in order
site.py        the three hosts with servers and speakers, and the client
text.py        printing
"""
