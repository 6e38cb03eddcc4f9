#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""painless.py PIPELINE JAVA: the script of an Elasticsearch pipeline as a
Java program.  The script keeps to what Painless and Java have in common;
params become literals, ctx is a map with the line of standard input in
`message`, and what comes of it is printed as JSON, or the exception."""
import json
import sys

FRAME = """import java.util.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
@SuppressWarnings("unchecked")
public class Script {
%s
void run(Map ctx, Map params) {
%s
}
static Map map(Object... pairs) {
  Map m = new HashMap();
  for (int i = 0; i < pairs.length; i += 2) m.put(pairs[i], pairs[i + 1]);
  return m;
}
static List list(Object... values) {
  return new ArrayList(Arrays.asList(values));
}
static void json(StringBuilder out, Object o) {
  if (o instanceof Map) {
    String comma = "";
    out.append("{");
    for (Object e : ((Map) o).entrySet()) {
      out.append(comma);
      json(out, ((Map.Entry) e).getKey());
      out.append(":");
      json(out, ((Map.Entry) e).getValue());
      comma = ",";
    }
    out.append("}");
  } else if (o instanceof List) {
    String comma = "";
    out.append("[");
    for (Object e : (List) o) {
      out.append(comma);
      json(out, e);
      comma = ",";
    }
    out.append("]");
  } else if (o instanceof String) {
    out.append('"');
    for (char c : ((String) o).toCharArray())
      if (c < 32 || c == '"' || c == 92)
        out.append(String.format("%%cu%%04x", 92, (int) c));
      else
        out.append(c);
    out.append('"');
  } else
    out.append(o);
}
public static void main(String[] args) throws Exception {
  Map params = params();
  BufferedReader in = new BufferedReader(new InputStreamReader(System.in,
      StandardCharsets.UTF_8));
  PrintStream out = new PrintStream(System.out, false, "UTF-8");
  String line;
  while ((line = in.readLine()) != null) {
    Map ctx = map("message", line);
    StringBuilder text = new StringBuilder();
    try {
      new Script().run(ctx, params);
    } catch (RuntimeException e) {
      ctx = map("exception", e.getMessage());
    }
    json(text, ctx);
    out.println(text);
  }
  out.flush();
}
%s
}
"""


def literal(value):
    if isinstance(value, dict):
        return "map(" + ", ".join(literal(x) for pair in value.items()
                                  for x in pair) + ")"
    if isinstance(value, list):
        return "list(" + ", ".join(literal(x) for x in value) + ")"
    return json.dumps(value)


def main(argv):
    with open(argv[1], encoding="utf-8") as file:
        script = json.load(file)["processors"][0]["script"]
    functions, body = script["source"].split("// run\n")
    # one method a table: a method has at most 64 kB
    parts = [f"static Object p{i}() {{ return {literal(value)}; }}"
             for i, value in enumerate(script["params"].values())]
    parts.append("static Map params() { return map(" + ", ".join(
        f"{json.dumps(name)}, p{i}()"
        for i, name in enumerate(script["params"])) + "); }")
    with open(argv[2], "w", encoding="utf-8") as file:
        file.write(FRAME % (functions, body, "\n".join(parts)))


if __name__ == "__main__":
    main(sys.argv)
