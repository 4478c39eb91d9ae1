"""The pages.

* `app.py`         addresses and errors; `headers.py` what every answer says
* `access.py`      who asks, and what they may see
* `questions.py`   what pages ask of the read model
* `today.py`, `case.py`, `workload.py`   one page each
* `changes.py`     tells open pages that something changed
* `translation.py`, `words.py`   words and dates in the language of the page
* `rendering.py`   the templates, and what they can use
* `download.py`    the same as CSV
* `templates/`, `static/`   what the browser gets; nothing comes from another host
"""
