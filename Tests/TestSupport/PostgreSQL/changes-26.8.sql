-- What releases up to 26.8 have changed in the tables of 23.7.1, as far as the directory reads them
-- (docs/protocol.md 6.3).
ALTER TABLE public.sentry_sentryapp
    ALTER COLUMN schema TYPE jsonb USING schema::jsonb,
    ALTER COLUMN schema SET DEFAULT '{}',
    ALTER COLUMN events SET DEFAULT '{}',
    ALTER COLUMN events SET NOT NULL,
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN is_disabled boolean NOT NULL DEFAULT false,
    ADD COLUMN webhook_headers text[] DEFAULT '{}',
    ADD CONSTRAINT sentry_sentryapp_uuid_key UNIQUE (uuid);
ALTER TABLE public.sentry_sentryappcomponent ALTER COLUMN schema TYPE jsonb USING schema::jsonb;
ALTER TABLE public.sentry_apitoken
    ALTER COLUMN token TYPE varchar(71),
    ALTER COLUMN refresh_token TYPE varchar(71),
    ADD COLUMN name varchar(255),
    ADD COLUMN hashed_token varchar(128) UNIQUE,
    ADD COLUMN hashed_refresh_token varchar(128) UNIQUE,
    ADD COLUMN token_type varchar(7),
    ADD COLUMN token_last_characters varchar(4),
    ADD COLUMN scoping_organization_id bigint;
ALTER TABLE public.auth_user
    ADD COLUMN email_unique varchar(75) UNIQUE,
    ADD COLUMN is_unclaimed boolean NOT NULL DEFAULT false;
ALTER TABLE public.sentry_team DROP COLUMN org_role;
ALTER TABLE public.sentry_organizationmember_teams ALTER COLUMN id TYPE bigint;
