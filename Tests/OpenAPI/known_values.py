"""Writes the configuration of schemathesis: values that exist in the demo, for use in most requests.

usage: known_values.py DIRECTORY LEDGER [LETTERS JOB]
       known_values.py --spare DIRECTORY
       known_values.py --spare-events

LETTERS has a dead letter of the app "spare-dead" in each line, as JSON; JOB is the id of a redelivery job of that app.
The second form writes a directory document with rows that
only some operations use, so that what they change and delete is missing nowhere else. The third one writes events that
become dead letters of that app, one on each line.
"""

import json
import sys

PROBABILITY = 0.85
# If-None-Match: * makes the response 304, so use it in half of the requests only.
TAG_PROBABILITY = 0.5


# As many as one run can delete.
SPARE_COUNT = 60
SPARE_ID = 800_000
DEAD_INSTALLATION = "5a7e0000-0000-4000-8000-00000000dead"
DEAD_COUNT = 200
EVENTS = ["issue.created"]
RELAY_SECRET = "5" * 64


def spare(directory):
    """Apps to change, to delete and to install, and an app with installations to delete."""
    owner = next(o["id"] for o in directory["organizations"] if o["slug"] == "acme")
    slugs = ["spare-install", "spare-change", "spare-target", "spare-dead"]
    slugs += [f"spare-delete-{n}" for n in range(SPARE_COUNT)]
    slugs.append("spare-relay")
    apps = [{"id": SPARE_ID + n, "slug": slug, "owner_id": owner} for n, slug in enumerate(slugs)]
    # Its only target does not want what openapi.sh sends.
    apps[-1] |= {
        "client_secret": RELAY_SECRET, "targets": [{"name": "ci", "url": "https://ci.example/", "events": ["error"]}]
    }
    # No worker may connect to this address, and with this policy it tries that once.
    apps[3] |= {"webhook_url": "https://192.0.2.1/", "events": ["issue"], "delivery_policy": "standard"}
    apps[1]["targets"] = [{"name": name, "url": f"https://{name}.example/"} for name in ("ci", "chat")]
    target = apps[2]["id"]
    installations = [
        {"id": SPARE_ID + n, "app_id": target, "organization_id": owner, "uuid": spare_uuid(n)}
        for n in range(SPARE_COUNT)
    ]
    installations.append(
        {"id": SPARE_ID + SPARE_COUNT, "app_id": apps[3]["id"], "organization_id": owner, "uuid": DEAD_INSTALLATION})
    hook = {"id": SPARE_ID, "installation_id": SPARE_ID + SPARE_COUNT, "organization_id": owner, "events": EVENTS}
    return {"apps": apps, "installations": installations, "service_hooks": [hook]}


def spare_events():
    """Events of "spare-dead": their ids are not known before they are sent."""
    for number in range(DEAD_COUNT):
        event = {"installation": DEAD_INSTALLATION, "event": EVENTS[0], "data": {"number": number}}
        print(json.dumps(event))


def spare_uuid(number):
    return f"5a7e0000-0000-4000-8000-{number:012d}"


# By operation: the parameters that name a spare row, and their values.
SPARE = {
    ("updateApp", "rotateSecret"): {"path.app": ["spare-change"]},
    ("deleteApp",): {"path.app": [f"spare-delete-{n}" for n in range(SPARE_COUNT)]},
    ("uninstallApp",): {"path.installation": [spare_uuid(n) for n in range(SPARE_COUNT)]},
    ("deleteDeadLetters",): {"path.app": ["spare-target"]},
    ("getRelay", "relayWebhook"): {"path.app": ["issue-relay"]},
    ("enableTarget", "disableTarget"): {"path.app": ["spare-change"], "path.target": ["ci", "chat"]},
}


def dead_letter_operations(letters, job):
    """The same for the app "spare-dead": each operation that takes dead letters away has its own."""
    app = {"path.app": ["spare-dead"]}
    ids = [json.loads(line)["id"] for line in letters]
    quarter = len(ids) // 4
    return {
        ("getDeadLetter",): app | {"path.deadLetterId": ids[:quarter]},
        ("redriveDeadLetter",): app | {"path.deadLetterId": ids[quarter : 2 * quarter]},
        ("deleteDeadLetter",): app | {"path.deadLetterId": ids[2 * quarter : 3 * quarter]},
        ("eraseEvent",): app | {"path.requestId": ids[3 * quarter :]},
        ("getRedelivery", "cancelRedelivery"): app | {"path.redeliveryId": [job]},
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
    if sys.argv[1] == "--spare-events":
        spare_events()
        return
    with open(sys.argv[1], encoding="utf-8") as file:
        directory = json.load(file)
    spare_rows = dict(SPARE)
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding="utf-8") as file:
            spare_rows |= dead_letter_operations(list(file), sys.argv[4])
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
    for number, known in enumerate(spare_rows.values()):
        for name, values in known.items():
            print(f"[dictionaries.spare-{number}-{name.replace('.', '-')}]\nvalues = {json.dumps(values)}\n")
    print("[parameters]", *parameters, "", sep="\n")
    for number, (operations, known) in enumerate(spare_rows.items()):
        print(f"[[operations]]\ninclude-operation-id = {json.dumps(operations)}")
        for name in known:
            key = f"spare-{number}-{name.replace('.', '-')}"
            print(f'parameters."{name}" = {{ dictionary = "{key}", probability = 1.0 }}')
        print()
    # Without TRACE, which nginx rejects itself.
    print('[phases.coverage]\nunexpected-methods = ["PUT", "PATCH", "DELETE"]')


if __name__ == "__main__":
    main()
