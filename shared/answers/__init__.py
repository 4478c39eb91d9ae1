"""What people ask of what the services publish, answered once for every command and page.

* `standing.py`      which findings stand, which were withdrawn, and why: the fold of published events
* `placing.py`       where and in which month a finding belongs
* `responsible.py`   who is responsible for a person's sentences
* `open_items.py`    what waits for somebody: by when, who must act, and what to do next
* `listed.py`        all measures: what each number means, and where it comes from
* `counted.py`       the cases that each measure counts
* `measures.py`      the numbers, by delivery unit and month
* `groups.py`        the groups that people belong to
* `suppression.py`   which numbers by group must not be shown, so that no small one can be worked out
* `comparison.py`    what another policy would change
* `describing.py`     an event's content in a few words
* `rulebook.py`      the rules in words

All but `rulebook` is pure, and needs nothing but published events.
"""
