-- The role of Hookline's programs in the database of a self-hosted Sentry (23.7 to 26.x), or of a stand-alone
-- directory, with the rights that they need. docs/postgresql.md explains each.
--
--     psql -d postgres -v role=hookline -v password=… -f role.sql
--
-- Run it as the owner of Sentry's tables, after `hookline directory migrate`, and again after each upgrade of Sentry or
-- Hookline: columns that a release does not have are left out, and new ones are granted. Without `password` the role
-- gets none, for servers that identify it otherwise.
--
-- Optional rights are given, and with the variable off taken away:
--
--     -v sessions=off      password hashes, to identify users by Sentry's session cookie
--     -v event_links=off   the node store, to link log rows to errors
--     -v disabling=off     changes of an app's subscriptions, to disable broken apps
--
-- One more is given to a stand-alone directory's role only, with the variable on:
--
--     -v management=on     changes of all tables, for the management API (docs/management-api.md)
\set ON_ERROR_STOP on
\if :{?role}
\else
    \set role hookline
\endif
\if :{?sessions}
\else
    \set sessions on
\endif
\if :{?event_links}
\else
    \set event_links on
\endif
\if :{?disabling}
\else
    \set disabling on
\endif
\if :{?management}
\else
    \set management off
\endif

BEGIN;

SELECT set_config('hookline.role', :'role', true) AS role
\gset ignored_

SELECT NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :'role') AS is_new
\gset
\if :is_new
    CREATE ROLE :"role" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
\endif
\if :{?password}
    ALTER ROLE :"role" PASSWORD :'password';
\endif

-- Programs give up earlier themselves; these end what a program has left behind.
ALTER ROLE :"role" SET statement_timeout = '10s';
ALTER ROLE :"role" SET lock_timeout = '5s';
ALTER ROLE :"role" SET idle_in_transaction_session_timeout = '60s';

GRANT USAGE ON SCHEMA public TO :"role";

-- What the management API needs is taken away first: that would take away single columns, too, which follow.
SELECT to_regclass('hookline.directory') IS NOT NULL AS has_directory
\gset
\if :has_directory
    SELECT is_standalone AS was_managed FROM hookline.directory
    \gset
\else
    \set was_managed off
\endif
\if :was_managed
    REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM :"role";
    REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM :"role";
\endif

-- Gives a right on those of the columns that exist, or takes it away.
CREATE FUNCTION pg_temp.give(privilege text, target text, wanted text[], is_given boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(quote_ident(a.attname), ', ') INTO columns
    FROM pg_attribute a
    WHERE a.attrelid = to_regclass('public.' || target) AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attname = ANY (wanted);
    IF columns IS NOT NULL THEN
        EXECUTE format(
            CASE WHEN is_given THEN 'GRANT' ELSE 'REVOKE' END || ' %s (%s) ON public.%I '
                || CASE WHEN is_given THEN 'TO' ELSE 'FROM' END || ' %I',
            privilege, columns, target, current_setting('hookline.role'));
    END IF;
END
$$;

DO $$
BEGIN
    PERFORM pg_temp.give('SELECT', 'sentry_sentryapp', ARRAY[
        'id', 'slug', 'name', 'owner_id', 'status', 'uuid', 'author', 'overview', 'webhook_url', 'redirect_url',
        'is_alertable', 'verify_install', 'events', 'scope_list', 'scopes', 'schema', 'popularity', 'proxy_user_id',
        'application_id', 'date_added', 'date_published', 'date_deleted', 'is_disabled',
        'webhook_headers', 'metadata']);
    PERFORM pg_temp.give('SELECT', 'sentry_apiapplication', ARRAY[
        'id', 'client_id', 'client_secret', 'status', 'allowed_origins']);
    PERFORM pg_temp.give('SELECT', 'sentry_sentryappavatar', ARRAY[
        'id', 'sentry_app_id', 'avatar_type', 'ident', 'color']);
    PERFORM pg_temp.give('SELECT', 'sentry_integrationfeature', ARRAY[
        'id', 'target_id', 'target_type', 'feature', 'user_description']);
    PERFORM pg_temp.give('SELECT', 'sentry_sentryappcomponent', ARRAY['id', 'sentry_app_id', 'type', 'schema']);
    PERFORM pg_temp.give('SELECT', 'sentry_sentryappinstallation', ARRAY[
        'id', 'sentry_app_id', 'organization_id', 'uuid', 'status', 'date_added', 'date_deleted']);
    PERFORM pg_temp.give('SELECT', 'sentry_servicehook', ARRAY[
        'id', 'actor_id', 'installation_id', 'organization_id', 'project_id', 'url', 'events']);
    PERFORM pg_temp.give('SELECT', 'sentry_servicehookproject', ARRAY['service_hook_id', 'project_id']);
    PERFORM pg_temp.give('SELECT', 'sentry_organization', ARRAY['id', 'slug', 'name', 'status']);
    PERFORM pg_temp.give('SELECT', 'sentry_organizationmapping', ARRAY['organization_id', 'slug', 'name', 'status']);
    PERFORM pg_temp.give('SELECT', 'sentry_organizationmember', ARRAY['id', 'organization_id', 'user_id', 'role']);
    PERFORM pg_temp.give('SELECT', 'sentry_organizationmembermapping', ARRAY['organization_id', 'user_id']);
    PERFORM pg_temp.give('SELECT', 'auth_user', ARRAY[
        'id', 'username', 'email', 'first_name', 'is_active', 'is_superuser', 'is_sentry_app']);
    PERFORM pg_temp.give('SELECT', 'sentry_apitoken', ARRAY[
        'id', 'user_id', 'token', 'hashed_token', 'scope_list', 'scopes', 'expires_at', 'date_added', 'application_id',
        'scoping_organization_id', 'name']);
    PERFORM pg_temp.give('SELECT', 'sentry_apikey', ARRAY[
        'id', 'organization_id', 'key', 'scope_list', 'scopes', 'status', 'allowed_origins']);
    PERFORM pg_temp.give('SELECT', 'sentry_orgauthtoken', ARRAY[
        'id', 'organization_id', 'token_hashed', 'date_deactivated']);
    PERFORM pg_temp.give('SELECT', 'sentry_project', ARRAY['id', 'slug', 'organization_id', 'status']);
END
$$;

-- Until 24.6 teams gave their members roles.
SELECT EXISTS (
    SELECT 1 FROM pg_attribute
    WHERE attrelid = to_regclass('public.sentry_team') AND attname = 'org_role' AND NOT attisdropped
) AS have_roles
\gset
SELECT pg_temp.give('SELECT', 'sentry_team', ARRAY['id', 'org_role'], :'have_roles'),
    pg_temp.give(
        'SELECT', 'sentry_organizationmember_teams', ARRAY['id', 'organizationmember_id', 'team_id'], :'have_roles')
\gset ignored_

SELECT pg_temp.give('SELECT', 'auth_user', ARRAY['password', 'session_nonce'], :'sessions')
\gset ignored_

SELECT pg_temp.give('SELECT', 'nodestore_node', ARRAY['id', 'data'], :'event_links')
\gset ignored_
SELECT pg_temp.give('SELECT', 'sentry_grouphash', ARRAY['project_id', 'hash', 'group_id'], :'event_links')
\gset ignored_

SELECT pg_temp.give('UPDATE', 'sentry_sentryapp', ARRAY['events', 'is_disabled'], :'disabling')
\gset ignored_
SELECT pg_temp.give(
    'INSERT', 'sentry_auditlogentry',
    ARRAY['organization_id', 'event', 'actor_id', 'actor_label', 'target_object', 'data', 'datetime'], :'disabling')
\gset ignored_
SELECT :'disabling'::boolean AND to_regclass('public.sentry_auditlogentry_id_seq') IS NOT NULL AS may_number
\gset
\if :may_number
    GRANT USAGE ON SEQUENCE public.sentry_auditlogentry_id_seq TO :"role";
\endif
SELECT NOT :'disabling'::boolean AND to_regclass('public.sentry_auditlogentry_id_seq') IS NOT NULL AS may_not_number
\gset
\if :may_not_number
    REVOKE ALL ON SEQUENCE public.sentry_auditlogentry_id_seq FROM :"role";
\endif

-- Hookline's own tables, made by `hookline directory migrate`.
SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'hookline') AS has_schema
\gset
\if :has_schema
    GRANT USAGE ON SCHEMA hookline TO :"role";
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hookline TO :"role";
    REVOKE INSERT, UPDATE, DELETE ON hookline.directory FROM :"role";
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA hookline TO :"role";
    -- In a stand-alone directory the other tables are Hookline's, too.
    SELECT is_standalone FROM hookline.directory
    \gset
    \if :is_standalone
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO :"role";
        \if :management
            GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"role";
            -- An import also sets the number of the next audit entry.
            GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO :"role";
        \endif
    \endif
\elif :disabling
    \warn 'There is no schema hookline: apps cannot be disabled. Run "hookline directory migrate", then this again.'
\endif

COMMIT;
