"""Writes the configuration of schemathesis: values that exist in the demo, for use in most requests.

usage: known_values.py DIRECTORY LEDGER
       known_values.py --spare DIRECTORY

The second form writes a directory document with rows that only the management API's operations use, so that what they
change and delete is missing nowhere else.
"""

import json
import sys

PROBABILITY = 0.85
# If-None-Match: * makes the response 304, so use it in half of the requests only.
TAG_PROBABILITY = 0.5


# As many as one run can delete.
SPARE_COUNT = 60
SPARE_ID = 800_000


def spare(directory):
    """Apps to change, to delete and to install, and an app with installations to delete."""
    owner = next(o["id"] for o in directory["organizations"] if o["slug"] == "acme")
    slugs = ["spare-install", "spare-change", "spare-target"] + [f"spare-delete-{n}" for n in range(SPARE_COUNT)]
    apps = [{"id": SPARE_ID + n, "slug": slug, "owner_id": owner} for n, slug in enumerate(slugs)]
    target = apps[2]["id"]
    return {
        "apps": apps,
        "installations": [
            {"id": SPARE_ID + n, "app_id": target, "organization_id": owner, "uuid": spare_uuid(n)}
            for n in range(SPARE_COUNT)
        ],
    }


def spare_uuid(number):
    return f"5a7e0000-0000-4000-8000-{number:012d}"


# By operation: the parameter that names a spare row, and its values.
SPARE = {
    ("updateApp", "rotateSecret"): ("path.app", ["spare-change"]),
    ("deleteApp",): ("path.app", [f"spare-delete-{n}" for n in range(SPARE_COUNT)]),
    ("uninstallApp",): ("path.installation", [spare_uuid(n) for n in range(SPARE_COUNT)]),
}


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
        "path.organization": ["acme"],
        "header.If-None-Match": ["*"],
    }


def main():
    if sys.argv[1] == "--spare":
        with open(sys.argv[2], encoding="utf-8") as file:
            print(json.dumps(spare(json.load(file))))
        return
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
    for number, (_, known) in enumerate(SPARE.values()):
        print(f"[dictionaries.spare-{number}]\nvalues = {json.dumps(known)}\n")
    print("[parameters]", *parameters, "", sep="\n")
    for number, (operations, (name, _)) in enumerate(SPARE.items()):
        print(f"[[operations]]\ninclude-operation-id = {json.dumps(operations)}")
        print(f'parameters."{name}" = {{ dictionary = "spare-{number}", probability = 1.0 }}\n')
    # Without TRACE, which nginx rejects itself.
    print('[phases.coverage]\nunexpected-methods = ["PUT", "PATCH", "DELETE"]')


if __name__ == "__main__":
    main()
