// The settings of one app: what the API has, and calls that change it. Each change is made only if nobody else has
// changed the app since it was read; otherwise the call fails with status 412.

import { appPath, get, post, put, remove } from "/js/api.js";

// What the API shows in place of a header's value. In a request it stands for the current value.
export const hiddenValue = "*".repeat(64);

export class AppSettings {
    constructor(slug) {
        this.slug = slug;
        // The app with its settings under "hookline".
        this.app = null;
        this.tag = null;
    }

    async read() {
        this.accept(await get(appPath(this.slug, "settings/")));
    }

    // fields: those to change. The response is what read() gets then.
    async change(fields) {
        this.accept(await put(appPath(this.slug), { body: fields, tag: this.tag }));
    }

    accept({ data, tag }) {
        this.app = data;
        this.tag = tag;
    }

    // Returns { clientSecret, standardWebhooksSecret }.
    rotateSecret(overlapSeconds) {
        return this.call("rotate-secret/", { overlapSeconds });
    }

    finishRotation() {
        return this.call("rotate-secret/", { finish: true });
    }

    makeKey(overlapSeconds) {
        return this.call("signing-key/", { overlapSeconds });
    }

    finishKeys() {
        return this.call("signing-key/", { finish: true });
    }

    // The response has no ETag.
    async removeKey() {
        await remove(appPath(this.slug, "signing-key/"), { tag: this.tag });
        await this.readAgain(null);
    }

    async call(path, body) {
        const { data, tag } = await post(appPath(this.slug, path), { body, tag: this.tag });
        await this.readAgain(tag);
        return data;
    }

    // After a change that has succeeded. expected: the tag that it gave, or null. Where the app cannot be read, or was
    // changed by somebody else since, the next change gets 412, and the user reloads.
    async readAgain(expected) {
        try {
            const settings = await get(appPath(this.slug, "settings/"));
            if (expected === null || settings.tag === expected) this.accept(settings);
        } catch {
            // See above.
        }
    }

    delete() {
        return remove(appPath(this.slug), { tag: this.tag });
    }
}

// Whether the caller has org:write in the organization that owns the app.
export async function readPermission(slug) {
    try {
        return (await get(appPath(slug, "health/"))).data.canManage === true;
    } catch (error) {
        // Not even the statistics may be read.
        if (error.kind === "forbidden") return false;
        throw error;
    }
}
