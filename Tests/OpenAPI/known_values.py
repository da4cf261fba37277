"""Writes the configuration of schemathesis: values that exist in the demo, for use in most requests.

usage: known_values.py DIRECTORY LEDGER
"""

import json
import sys

PROBABILITY = 0.85
# If-None-Match: * makes the response 304, so use it in half of the requests only.
TAG_PROBABILITY = 0.5


def dictionaries(directory, ledger):
    """Values by parameter name, in an order that is the same in every run."""
    owners = {app["id"]: app["owner_id"] for app in directory["apps"]}
    own = [
        i["uuid"]
        for i in directory["installations"]
        if not i.get("date_deleted") and owners.get(i["app_id"]) == i["organization_id"]
    ]
    # Events that the demo has sent, so their payloads are stored.
    sent = list(dict.fromkeys(line.split()[2] for line in ledger))
    return {
        "path.app": [app["slug"] for app in directory["apps"]],
        "path.installation": own,
        "path.requestId": sent,
        "query.eventType": ["issue.created", "error.created", "installation.created"],
        "query.organizationSlug": ["acme", "globex"],
        "query.owner": ["acme", "globex"],
        "header.If-None-Match": ["*"],
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        directory = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        values = dictionaries(directory, list(file))
    parameters = []
    for name, known in values.items():
        if not known:
            raise SystemExit(f"known_values.py: the demo has no values for {name}")
        key = name.replace(".", "-")
        print(f"[dictionaries.{key}]\nvalues = {json.dumps(known)}\n")
        probability = TAG_PROBABILITY if name == "header.If-None-Match" else PROBABILITY
        parameters.append(f'"{name}" = {{ dictionary = "{key}", probability = {probability} }}')
    print("[parameters]", *parameters, "", sep="\n")
    # Without TRACE, which nginx rejects itself.
    print('[phases.coverage]\nunexpected-methods = ["PUT", "PATCH", "DELETE"]')


if __name__ == "__main__":
    main()
