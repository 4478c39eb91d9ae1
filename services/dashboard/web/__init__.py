"""The pages.

* `app.py`         addresses, security headers, errors
* `access.py`      who asks, and what they may see
* `questions.py`   what pages ask of the read model
* `today.py`, `case.py`, `workload.py`, `system.py`   one page each
* `download.py`    the same as CSV
* `templates/`, `static/`   what the browser gets; nothing comes from another host
"""
