#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""same_documents.py WANTED GOT [EXCEPT]: are the documents the same, in any
order?  Both have one JSON object a line; in GOT it may be the member `doc`
beside an `id`, which has to be event.id where that is plain.  Documents whose
event.code is EXCEPT must not be there."""
import collections
import json
import re
import sys


def plain(document):
    key = document.get("event", {}).get("id", "")
    return key if re.fullmatch("[A-Za-z0-9-]{1,99}", key) else None


def read(path):
    with open(path, "rb") as file:
        return [json.loads(line) for line in file]


def count(documents):
    """How often; what has an id, once."""
    whole = collections.Counter()
    for document in documents:
        text = json.dumps(document, sort_keys=True)
        key = plain(document)
        whole["id " + key if key else text] += 0 if key and whole[
            "id " + key] else 1
    return whole


wanted = [document for document in read(sys.argv[1])
          if document["event"]["code"] not in sys.argv[3:]]
got = read(sys.argv[2])
trouble = 0
for entry in got:
    if "doc" in entry and plain(entry["doc"]) not in (None, entry["id"]):
        print("another id:", entry)
        trouble += 1
got = [entry.get("doc", entry) for entry in got]
missing = count(wanted) - count(got)
more = count(got) - count(wanted)
texts = {json.dumps(document, sort_keys=True) for document in wanted}
other = [document for document in got
         if json.dumps(document, sort_keys=True) not in texts]
for what, some in (("missing", list(missing)), ("too many", list(more)),
                   ("other", other)):
    trouble += len(some)
    for one in some[:3]:
        print(f"{what}: {one}")
print(f"{len(got)} documents, {trouble} differences")
sys.exit(trouble != 0 or not got)
