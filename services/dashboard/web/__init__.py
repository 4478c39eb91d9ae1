"""The pages.

* `app.py`         addresses and errors; `headers.py` what every answer says
* `access.py`      who asks, and what they may see
* `sign_in.py`     sign-in at an OpenID provider; `sessions.py` keeps who is signed in
* `questions.py`   what pages ask of the read model
* `filters.py`     filters in an address
* `answers.py`     refusals in words, and files to download
* `today.py`, `workload.py`, `system.py`   one page each
* `case.py`, `why.py`, `sentences.py`   one case; `case_pages.py` answers
* `what_if.py`     results of `probation what-if`; `what_if_pages.py` answers
* `changes.py`     tells open pages that something changed
* `translation.py`, `words.py`   words and dates in the language of the page
* `rendering.py`   the templates, and what they can use
* `download.py`    the same as CSV
* `templates/`, `static/`   what the browser gets; nothing comes from another host
"""
