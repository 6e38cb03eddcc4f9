#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""splunk.py ADDON LINES JSON FIELDS: does the add-on read what the messages
say?  Its expressions are applied to LINES as Splunk does at search time and
compared with JSON, which is what `pidtree show --json --all` prints of them.
FIELDS is what `pidtree export --fields` prints: what the add-on names has to
be a field."""
import configparser
import json
import os
import re
import sys
import xml.etree.ElementTree

SOURCETYPE = "pidtreed:log"
HEADER = {"pri", "syslog_time", "syslog_host", "app", "procid", "msgid",
          "sentence", "structured_data"}


def conf(addon, name):
    parser = configparser.RawConfigParser(delimiters="=", strict=True)
    parser.optionxform = str
    with open(os.path.join(addon, "default", name), encoding="utf-8") as file:
        parser.read_file(file)
    return parser


def extract(event, name, rule):
    """A REPORT with its stanza in transforms.conf."""
    source = event.get(rule.get("SOURCE_KEY", "_raw"))
    if source is None:
        return
    expression = re.sub(r"\\x\{(\w+)\}", r"\\u\1", rule["REGEX"])
    for match in re.finditer(expression, source):
        for pair in rule["FORMAT"].split():
            key, _, value = pair.partition("::")

            def group(text):
                return re.sub(r"\$(\d)", lambda m: match[int(m[1])] or "",
                              text)
            key, value = group(key), group(value)
            if not re.fullmatch(r"\w+", key):
                raise ValueError(f"{name}: field {key!r}")
            if value != "":
                event.setdefault(key, value)


def string(text):
    """A string of an eval expression."""
    return re.sub(r'\\([\\"])', r"\1", text)


def calculated(props):
    """{field: (source, expression, replacement)} of EVAL-x = replace(y, ...)."""
    form = re.compile(r'replace\((\w+), "((?:[^"\\]|\\.)*)", "(.*)"\)')
    found = {}
    for key, value in props.items():
        match = form.fullmatch(value)
        if key.startswith("EVAL-") and match:
            found[key[5:]] = (match[1], re.compile(string(match[2])), match[3])
    return found


def read(line, props, transforms):
    event = {"_raw": line}
    for name in props["REPORT-pidtreed"].split(", "):
        extract(event, name, transforms[name])
    was = dict(event)
    for field, (source, expression, to) in calculated(props).items():
        if source in was:
            event[field] = expression.sub(to, was[source])
    return event


def escaped(value):
    return re.sub(r'(["\\\]])', r"\\\1", value)


def expected(message, unescaped):
    """What the fields should be; ancestors are numbered."""
    want = {"msgid": message["msgid"], "app": "pidtreed",
            "syslog_host": message["hostname"],
            "pri": message["facility"] * 8 + message["severity"]}
    if "text" in message:
        want["sentence"] = message["text"]
    for element in message.values():
        if not isinstance(element, dict):
            continue
        for name, value in element.items():
            if name == "ancestors":
                for ancestor in value:
                    distance = ancestor.pop("distance")
                    want.update({f"{key}{distance}": item
                                 for key, item in ancestor.items()})
            else:
                want[name] = value
    return {key: str(value) if key in unescaped or key in HEADER
            else escaped(str(value)) for key, value in want.items()}


def names_used(addon):
    """Fields that searches of dashboards, event types and macros name."""
    texts = [value for name in ("eventtypes.conf", "macros.conf")
             for section in conf(addon, name).values()
             for value in section.values()]
    views = os.path.join(addon, "default/data/ui/views")
    for view in sorted(os.listdir(views)):
        tree = xml.etree.ElementTree.parse(os.path.join(views, view))
        queries = [query.text for query in tree.iter("query")]
        if not queries:
            raise ValueError(f"{view}: no searches")
        texts += queries
    used = set()
    for text in texts:
        used |= set(re.findall(r"(?:field=|values\(|dc\()(\w+)", text))
        used |= set(re.findall(r"\b(msgid|syslog_host|outcome)\b", text))
        for names in re.findall(r"\bBY ([\w ]+)", text):
            used |= set(names.split())
    return used - {"lineage"}


def check_names(addon, props, fields):
    known = set(HEADER)
    with open(fields, encoding="ascii") as lines:
        for line in lines:
            row = line.split("\t")
            if row[0] != "message":
                known.add(row[1])
    sources = {source for source, _, _ in calculated(props).values()}
    for key, value in props.items():
        if key.startswith("FIELDALIAS-"):
            sources |= set(re.findall(r"(\w+) AS", value))
    for name in names_used(addon) | sources:
        if name not in known and name.rstrip("0123456789") not in known:
            yield f"{name} is no field"


def main(argv):
    addon, lines, objects, fields = argv[1:]
    props = conf(addon, "props.conf")[SOURCETYPE]
    transforms = conf(addon, "transforms.conf")
    unescaped = set(calculated(props))
    trouble = list(check_names(addon, props, fields))
    values = 0
    with open(lines, encoding="utf-8", newline="\n") as texts, \
            open(objects, encoding="utf-8") as messages:
        for number, pair in enumerate(zip(texts, messages), 1):
            got = read(pair[0].rstrip("\n"), props, transforms)
            want = expected(json.loads(pair[1]), unescaped)
            for key, value in want.items():
                values += 1
                # shortened: \x5c where none is needed any more
                if got.get(key, "").replace("\\x5c", "\\") != \
                        value.replace("\\x5c", "\\"):
                    trouble.append(f"message {number}: {key}: "
                                   f"{got.get(key)!r}, wanted {value!r}")
            extra = set(got) - set(want) - HEADER - {"_raw"} - \
                {name for name in got if name in unescaped}
            if extra:
                trouble.append(f"message {number}: {extra}")
    print("\n".join(trouble[:20]))
    print(f"{number} messages, {values} values, {len(trouble)} differ")
    return 0 if not trouble and values else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
