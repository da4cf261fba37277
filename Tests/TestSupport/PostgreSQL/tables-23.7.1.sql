-- The original's tables that the directory reads, as release 23.7.1 makes them: columns, indexes, checks and foreign
-- keys among them (a key to another table is left out).

CREATE TABLE public.auth_user (
    id bigserial NOT NULL,
    password varchar(128) NOT NULL,
    last_login timestamp with time zone,
    username varchar(128) NOT NULL,
    first_name varchar(200) NOT NULL,
    email varchar(75) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    is_superuser boolean NOT NULL,
    is_managed boolean NOT NULL,
    is_sentry_app boolean,
    is_password_expired boolean NOT NULL,
    last_password_change timestamp with time zone,
    flags bigint,
    session_nonce varchar(12),
    date_joined timestamp with time zone NOT NULL,
    last_active timestamp with time zone,
    avatar_type smallint NOT NULL DEFAULT 0,
    avatar_url varchar(120) DEFAULT NULL::character varying
);
ALTER TABLE public.auth_user ADD CONSTRAINT auth_user_pkey PRIMARY KEY (id);
ALTER TABLE public.auth_user ADD CONSTRAINT auth_user_username_key UNIQUE (username);
CREATE INDEX auth_user_username_6821ab7c_like ON public.auth_user (username varchar_pattern_ops);

CREATE TABLE public.sentry_apiapplication (
    id bigserial NOT NULL,
    client_id varchar(64) NOT NULL,
    client_secret text NOT NULL,
    name varchar(64) NOT NULL,
    status integer NOT NULL,
    allowed_origins text,
    redirect_uris text NOT NULL,
    homepage_url varchar(200),
    privacy_url varchar(200),
    terms_url varchar(200),
    date_added timestamp with time zone NOT NULL,
    owner_id bigint
);
ALTER TABLE public.sentry_apiapplication ADD CONSTRAINT sentry_apiapplication_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_apiapplication ADD CONSTRAINT sentry_apiapplication_client_id_key UNIQUE (client_id);
CREATE INDEX sentry_apiapplication_client_id_551cfd07_like ON public.sentry_apiapplication (client_id varchar_pattern_ops);
CREATE INDEX sentry_apiapplication_owner_id_4e3f31ba ON public.sentry_apiapplication (owner_id);
CREATE INDEX sentry_apiapplication_status_6ddaa6a2 ON public.sentry_apiapplication (status);
ALTER TABLE public.sentry_apiapplication ADD CONSTRAINT sentry_apiapplication_status_check CHECK ((status >= 0));

CREATE TABLE public.sentry_apigrant (
    id bigserial NOT NULL,
    code varchar(64) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    redirect_uri varchar(255) NOT NULL,
    scopes bigint NOT NULL,
    scope_list text[],
    application_id bigint NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.sentry_apigrant ADD CONSTRAINT sentry_apigrant_pkey PRIMARY KEY (id);
CREATE INDEX sentry_apigrant_application_id_8d615a40 ON public.sentry_apigrant (application_id);
CREATE INDEX sentry_apigrant_code_2804b9a4 ON public.sentry_apigrant (code);
CREATE INDEX sentry_apigrant_code_2804b9a4_like ON public.sentry_apigrant (code varchar_pattern_ops);
CREATE INDEX sentry_apigrant_expires_at_37459d3b ON public.sentry_apigrant (expires_at);
CREATE INDEX sentry_apigrant_user_id_7446d3be ON public.sentry_apigrant (user_id);

CREATE TABLE public.sentry_apitoken (
    id bigserial NOT NULL,
    scopes bigint NOT NULL,
    scope_list text[],
    token varchar(64) NOT NULL,
    refresh_token varchar(64),
    expires_at timestamp with time zone,
    date_added timestamp with time zone NOT NULL,
    application_id bigint,
    user_id bigint NOT NULL
);
ALTER TABLE public.sentry_apitoken ADD CONSTRAINT sentry_apitoken_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_apitoken ADD CONSTRAINT sentry_apitoken_refresh_token_key UNIQUE (refresh_token);
ALTER TABLE public.sentry_apitoken ADD CONSTRAINT sentry_apitoken_token_key UNIQUE (token);
CREATE INDEX sentry_apitoken_application_id_ad56c618 ON public.sentry_apitoken (application_id);
CREATE INDEX sentry_apitoken_refresh_token_dd9277e4_like ON public.sentry_apitoken (refresh_token varchar_pattern_ops);
CREATE INDEX sentry_apitoken_token_f326a233_like ON public.sentry_apitoken (token varchar_pattern_ops);
CREATE INDEX sentry_apitoken_user_id_4ed77d5d ON public.sentry_apitoken (user_id);

CREATE TABLE public.sentry_apikey (
    id bigserial NOT NULL,
    organization_id bigint NOT NULL,
    label varchar(64) NOT NULL,
    key varchar(32) NOT NULL,
    scopes bigint NOT NULL,
    scope_list text[],
    status integer NOT NULL,
    date_added timestamp with time zone NOT NULL,
    allowed_origins text
);
ALTER TABLE public.sentry_apikey ADD CONSTRAINT sentry_apikey_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_apikey ADD CONSTRAINT sentry_apikey_key_key UNIQUE (key);
CREATE INDEX sentry_apikey_key_6efb5d0a_like ON public.sentry_apikey (key varchar_pattern_ops);
CREATE INDEX sentry_apikey_organization_id_5dac0876 ON public.sentry_apikey (organization_id);
CREATE INDEX sentry_apikey_status_b27e8a65 ON public.sentry_apikey (status);
ALTER TABLE public.sentry_apikey ADD CONSTRAINT sentry_apikey_status_check CHECK ((status >= 0));

CREATE TABLE public.sentry_orgauthtoken (
    id bigserial NOT NULL,
    organization_id bigint NOT NULL,
    token_hashed text NOT NULL,
    token_last_characters varchar(4),
    name varchar(255) NOT NULL,
    scope_list text[],
    date_added timestamp with time zone NOT NULL,
    date_last_used timestamp with time zone,
    project_last_used_id bigint,
    date_deactivated timestamp with time zone,
    created_by_id integer
);
ALTER TABLE public.sentry_orgauthtoken ADD CONSTRAINT sentry_orgauthtoken_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_orgauthtoken ADD CONSTRAINT sentry_orgauthtoken_token_hashed_key UNIQUE (token_hashed);
CREATE INDEX sentry_orgauthtoken_created_by_id_5e2288f9 ON public.sentry_orgauthtoken (created_by_id);
CREATE INDEX sentry_orgauthtoken_organization_id_17552a60 ON public.sentry_orgauthtoken (organization_id);
CREATE INDEX sentry_orgauthtoken_project_last_used_id_0b9aa639 ON public.sentry_orgauthtoken (project_last_used_id);
CREATE INDEX sentry_orgauthtoken_token_hashed_4c36306d_like ON public.sentry_orgauthtoken (token_hashed text_pattern_ops);

CREATE TABLE public.sentry_sentryapp (
    id bigserial NOT NULL,
    date_deleted timestamp with time zone,
    scopes bigint NOT NULL,
    scope_list text[],
    name text NOT NULL,
    slug varchar(64) NOT NULL,
    author text,
    status integer NOT NULL,
    uuid varchar(64) NOT NULL,
    redirect_url varchar(200),
    webhook_url varchar(512),
    is_alertable boolean NOT NULL,
    events text[],
    overview text,
    schema text NOT NULL,
    date_added timestamp with time zone NOT NULL,
    date_updated timestamp with time zone NOT NULL,
    application_id integer,
    owner_id bigint NOT NULL,
    proxy_user_id integer,
    verify_install boolean NOT NULL,
    date_published timestamp with time zone,
    creator_label text,
    creator_user_id bigint,
    popularity smallint
);
ALTER TABLE public.sentry_sentryapp ADD CONSTRAINT sentry_sentryapp_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_sentryapp ADD CONSTRAINT sentry_sentryapp_application_id_key UNIQUE (application_id);
ALTER TABLE public.sentry_sentryapp ADD CONSTRAINT sentry_sentryapp_proxy_user_id_key UNIQUE (proxy_user_id);
ALTER TABLE public.sentry_sentryapp ADD CONSTRAINT sentry_sentryapp_slug_key UNIQUE (slug);
CREATE INDEX sentry_sentryapp_creator_user_id_95ed7ef9 ON public.sentry_sentryapp (creator_user_id);
CREATE INDEX sentry_sentryapp_owner_id_b91c762d ON public.sentry_sentryapp (owner_id);
CREATE INDEX sentry_sentryapp_slug_1941e3bc_like ON public.sentry_sentryapp (slug varchar_pattern_ops);
CREATE INDEX sentry_sentryapp_status_4392724a ON public.sentry_sentryapp (status);
ALTER TABLE public.sentry_sentryapp ADD CONSTRAINT sentry_sentryapp_popularity_check CHECK ((popularity >= 0));
ALTER TABLE public.sentry_sentryapp ADD CONSTRAINT sentry_sentryapp_status_check CHECK ((status >= 0));

CREATE TABLE public.sentry_sentryappcomponent (
    id bigserial NOT NULL,
    uuid uuid NOT NULL,
    type varchar(64) NOT NULL,
    schema text NOT NULL,
    sentry_app_id bigint NOT NULL
);
ALTER TABLE public.sentry_sentryappcomponent ADD CONSTRAINT sentry_sentryappcomponent_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_sentryappcomponent ADD CONSTRAINT sentry_sentryappcomponent_uuid_key UNIQUE (uuid);
CREATE INDEX sentry_sentryappcomponent_sentry_app_id_5e6d0c6c ON public.sentry_sentryappcomponent (sentry_app_id);

CREATE TABLE public.sentry_sentryappinstallation (
    id bigserial NOT NULL,
    date_deleted timestamp with time zone,
    uuid varchar(64) NOT NULL,
    date_added timestamp with time zone NOT NULL,
    date_updated timestamp with time zone NOT NULL,
    api_grant_id integer,
    organization_id bigint NOT NULL,
    sentry_app_id bigint NOT NULL,
    api_token_id integer,
    status integer NOT NULL
);
ALTER TABLE public.sentry_sentryappinstallation ADD CONSTRAINT sentry_sentryappinstallation_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_sentryappinstallation ADD CONSTRAINT sentry_sentryappinstallation_api_grant_id_key UNIQUE (api_grant_id);
ALTER TABLE public.sentry_sentryappinstallation ADD CONSTRAINT sentry_sentryappinstallation_api_token_id_key UNIQUE (api_token_id);
CREATE INDEX sentry_sentryappinstallation_organization_id_d977b8b9 ON public.sentry_sentryappinstallation (organization_id);
CREATE INDEX sentry_sentryappinstallation_sentry_app_id_9507edd1 ON public.sentry_sentryappinstallation (sentry_app_id);
CREATE INDEX sentry_sentryappinstallation_status_746a768a ON public.sentry_sentryappinstallation (status);
ALTER TABLE public.sentry_sentryappinstallation ADD CONSTRAINT sentry_sentryappinstallation_status_check CHECK ((status >= 0));

CREATE TABLE public.sentry_sentryappavatar (
    id bigserial NOT NULL,
    ident varchar(32) NOT NULL,
    file_id bigint,
    sentry_app_id bigint NOT NULL,
    color boolean NOT NULL,
    avatar_type smallint NOT NULL,
    control_file_id bigint
);
ALTER TABLE public.sentry_sentryappavatar ADD CONSTRAINT sentry_sentryappavatar_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_sentryappavatar ADD CONSTRAINT sentry_sentryappavatar_control_file_id_key UNIQUE (control_file_id);
ALTER TABLE public.sentry_sentryappavatar ADD CONSTRAINT sentry_sentryappavatar_file_id_key UNIQUE (file_id);
ALTER TABLE public.sentry_sentryappavatar ADD CONSTRAINT sentry_sentryappavatar_ident_key UNIQUE (ident);
CREATE INDEX sentry_sentryappavatar_ident_b690efb5_like ON public.sentry_sentryappavatar (ident varchar_pattern_ops);
CREATE INDEX sentry_sentryappavatar_sentry_app_id_9181f6c1 ON public.sentry_sentryappavatar (sentry_app_id);
ALTER TABLE public.sentry_sentryappavatar ADD CONSTRAINT sentry_sentryappavatar_avatar_type_check CHECK ((avatar_type >= 0));

CREATE TABLE public.sentry_integrationfeature (
    id bigserial NOT NULL,
    target_id bigint NOT NULL,
    target_type integer NOT NULL,
    user_description text,
    feature integer NOT NULL,
    date_added timestamp with time zone NOT NULL
);
ALTER TABLE public.sentry_integrationfeature ADD CONSTRAINT sentry_integrationfeature_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_integrationfeature ADD CONSTRAINT sentry_integrationfeatur_target_id_target_type_fe_2f8fb554_uniq UNIQUE (target_id, target_type, feature);
ALTER TABLE public.sentry_integrationfeature ADD CONSTRAINT sentry_integrationfeature_feature_check CHECK ((feature >= 0));
ALTER TABLE public.sentry_integrationfeature ADD CONSTRAINT sentry_integrationfeature_target_type_check CHECK ((target_type >= 0));

CREATE TABLE public.sentry_organization (
    id bigserial NOT NULL,
    name varchar(64) NOT NULL,
    slug varchar(50) NOT NULL,
    status integer NOT NULL,
    date_added timestamp with time zone NOT NULL,
    default_role varchar(32) NOT NULL,
    flags bigint NOT NULL,
    is_test boolean NOT NULL DEFAULT false
);
ALTER TABLE public.sentry_organization ADD CONSTRAINT sentry_organization_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_organization ADD CONSTRAINT sentry_organization_slug_key UNIQUE (slug);
CREATE INDEX sentry_organization_slug_08d8eb22_like ON public.sentry_organization (slug varchar_pattern_ops);
CREATE INDEX sentry_organization_slug_upper_idx ON public.sentry_organization (upper((slug)::text));
ALTER TABLE public.sentry_organization ADD CONSTRAINT sentry_organization_status_check CHECK ((status >= 0));

CREATE TABLE public.sentry_organizationmapping (
    id bigserial NOT NULL,
    organization_id bigint NOT NULL,
    slug varchar(50) NOT NULL,
    name varchar(64) NOT NULL,
    date_created timestamp with time zone NOT NULL,
    customer_id varchar(255),
    verified boolean NOT NULL,
    idempotency_key varchar(48) NOT NULL,
    region_name varchar(48) NOT NULL,
    status bigint
);
ALTER TABLE public.sentry_organizationmapping ADD CONSTRAINT sentry_organizationmapping_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_organizationmapping ADD CONSTRAINT sentry_organizationmapping_organization_id_9527c0da_uniq UNIQUE (organization_id);
ALTER TABLE public.sentry_organizationmapping ADD CONSTRAINT sentry_organizationmapping_slug_key UNIQUE (slug);
CREATE INDEX sentry_organizationmapping_customer_id_857927ca ON public.sentry_organizationmapping (customer_id);
CREATE INDEX sentry_organizationmapping_customer_id_857927ca_like ON public.sentry_organizationmapping (customer_id varchar_pattern_ops);
CREATE INDEX sentry_organizationmapping_organization_id_9527c0da ON public.sentry_organizationmapping (organization_id);
CREATE INDEX sentry_organizationmapping_slug_6b8871c6_like ON public.sentry_organizationmapping (slug varchar_pattern_ops);

CREATE TABLE public.sentry_organizationmember (
    id bigserial NOT NULL,
    email varchar(75),
    role varchar(32) NOT NULL,
    flags bigint NOT NULL,
    token varchar(64),
    date_added timestamp with time zone NOT NULL,
    token_expires_at timestamp with time zone,
    has_global_access boolean NOT NULL,
    type integer NOT NULL,
    organization_id bigint NOT NULL,
    user_id bigint,
    inviter_id bigint,
    invite_status smallint,
    user_is_active boolean NOT NULL DEFAULT true,
    user_email varchar(75)
);
ALTER TABLE public.sentry_organizationmember ADD CONSTRAINT sentry_organizationmember_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_organizationmember ADD CONSTRAINT sentry_organizationmember_organization_id_email_3d42dbe9_uniq UNIQUE (organization_id, email);
ALTER TABLE public.sentry_organizationmember ADD CONSTRAINT sentry_organizationmember_organization_id_user_id_065098cf_uniq UNIQUE (organization_id, user_id);
ALTER TABLE public.sentry_organizationmember ADD CONSTRAINT sentry_organizationmember_token_key UNIQUE (token);
CREATE INDEX sentry_organizationmember_inviter_id_564cc148 ON public.sentry_organizationmember (inviter_id);
CREATE INDEX sentry_organizationmember_organization_id_06948bec ON public.sentry_organizationmember (organization_id);
CREATE INDEX sentry_organizationmember_token_97b1bd3d_like ON public.sentry_organizationmember (token varchar_pattern_ops);
CREATE INDEX sentry_organizationmember_user_id_d514d1bb ON public.sentry_organizationmember (user_id);
ALTER TABLE public.sentry_organizationmember ADD CONSTRAINT sentry_organizationmember_invite_status_check CHECK ((invite_status >= 0));
ALTER TABLE public.sentry_organizationmember ADD CONSTRAINT sentry_organizationmember_type_check CHECK ((type >= 0));

CREATE TABLE public.sentry_organizationmembermapping (
    id bigserial NOT NULL,
    organization_id bigint NOT NULL,
    date_added timestamp with time zone NOT NULL,
    role varchar(32) NOT NULL,
    email varchar(75),
    invite_status smallint,
    inviter_id bigint,
    user_id bigint,
    organizationmember_id bigint
);
ALTER TABLE public.sentry_organizationmembermapping ADD CONSTRAINT sentry_organizationmembermapping_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_organizationmembermapping ADD CONSTRAINT sentry_organizationmembe_organization_id_organiza_1597515e_uniq UNIQUE (organization_id, organizationmember_id);
CREATE INDEX sentry_organizationmembe_organization_id_email_66a560fc_idx ON public.sentry_organizationmembermapping (organization_id, email);
CREATE INDEX sentry_organizationmembe_organization_id_user_id_feb6bdf0_idx ON public.sentry_organizationmembermapping (organization_id, user_id);
CREATE INDEX sentry_organizationmembermapping_inviter_id_c1dbf818 ON public.sentry_organizationmembermapping (inviter_id);
CREATE INDEX sentry_organizationmembermapping_organization_id_94506069 ON public.sentry_organizationmembermapping (organization_id);
CREATE INDEX sentry_organizationmembermapping_organizationmember_id_f878dba6 ON public.sentry_organizationmembermapping (organizationmember_id);
CREATE INDEX sentry_organizationmembermapping_user_id_3f7be018 ON public.sentry_organizationmembermapping (user_id);
ALTER TABLE public.sentry_organizationmembermapping ADD CONSTRAINT sentry_organizationmembermapping_invite_status_check CHECK ((invite_status >= 0));

CREATE TABLE public.sentry_team (
    id bigserial NOT NULL,
    slug varchar(50) NOT NULL,
    name varchar(64) NOT NULL,
    status integer NOT NULL,
    date_added timestamp with time zone,
    organization_id bigint NOT NULL,
    actor_id bigint,
    idp_provisioned boolean NOT NULL DEFAULT false,
    org_role varchar(32)
);
ALTER TABLE public.sentry_team ADD CONSTRAINT sentry_team_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX sentry_team_actor_idx ON public.sentry_team (actor_id);
ALTER TABLE public.sentry_team ADD CONSTRAINT sentry_team_organization_id_slug_d4006598_uniq UNIQUE (organization_id, slug);
CREATE INDEX sentry_team_organization_id_d34b1c8e ON public.sentry_team (organization_id);
CREATE INDEX sentry_team_slug_55ddf034 ON public.sentry_team (slug);
CREATE INDEX sentry_team_slug_55ddf034_like ON public.sentry_team (slug varchar_pattern_ops);
ALTER TABLE public.sentry_team ADD CONSTRAINT sentry_team_status_check CHECK ((status >= 0));

CREATE TABLE public.sentry_organizationmember_teams (
    id serial NOT NULL,
    is_active boolean NOT NULL,
    organizationmember_id bigint NOT NULL,
    team_id bigint NOT NULL,
    role varchar(32)
);
ALTER TABLE public.sentry_organizationmember_teams ADD CONSTRAINT sentry_organizationmember_teams_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_organizationmember_teams ADD CONSTRAINT sentry_organizationmembe_team_id_organizationmemb_e0385da0_uniq UNIQUE (team_id, organizationmember_id);
CREATE INDEX sentry_organizationmember_teams_organizationmember_id_f9d02835 ON public.sentry_organizationmember_teams (organizationmember_id);
CREATE INDEX sentry_organizationmember_teams_team_id_728abcbf ON public.sentry_organizationmember_teams (team_id);

CREATE TABLE public.sentry_servicehook (
    id bigserial NOT NULL,
    guid varchar(32),
    actor_id bigint NOT NULL,
    installation_id bigint,
    project_id bigint,
    organization_id bigint,
    url varchar(512) NOT NULL,
    secret text NOT NULL,
    events text[],
    status integer NOT NULL,
    version integer NOT NULL,
    date_added timestamp with time zone NOT NULL,
    application_id bigint
);
ALTER TABLE public.sentry_servicehook ADD CONSTRAINT sentry_servicehook_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_servicehook ADD CONSTRAINT sentry_servicehook_guid_key UNIQUE (guid);
CREATE INDEX sentry_servicehook_actor_id_fb819aa5 ON public.sentry_servicehook (actor_id);
CREATE INDEX sentry_servicehook_application_id_bd899469 ON public.sentry_servicehook (application_id);
CREATE INDEX sentry_servicehook_guid_caac1d6b_like ON public.sentry_servicehook (guid varchar_pattern_ops);
CREATE INDEX sentry_servicehook_installation_id_eb42954d ON public.sentry_servicehook (installation_id);
CREATE INDEX sentry_servicehook_organization_id_67cb4847 ON public.sentry_servicehook (organization_id);
CREATE INDEX sentry_servicehook_project_id_f66a2645 ON public.sentry_servicehook (project_id);
CREATE INDEX sentry_servicehook_status_f714b314 ON public.sentry_servicehook (status);
ALTER TABLE public.sentry_servicehook ADD CONSTRAINT sentry_servicehook_status_check CHECK ((status >= 0));
ALTER TABLE public.sentry_servicehook ADD CONSTRAINT sentry_servicehook_version_check CHECK ((version >= 0));

CREATE TABLE public.sentry_servicehookproject (
    id bigserial NOT NULL,
    project_id bigint NOT NULL,
    service_hook_id bigint NOT NULL
);
ALTER TABLE public.sentry_servicehookproject ADD CONSTRAINT sentry_servicehookproject_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_servicehookproject ADD CONSTRAINT sentry_servicehookprojec_service_hook_id_project__b304ce55_uniq UNIQUE (service_hook_id, project_id);
CREATE INDEX sentry_servicehookproject_project_id_ef4e7ecc ON public.sentry_servicehookproject (project_id);
CREATE INDEX sentry_servicehookproject_service_hook_id_20edec6a ON public.sentry_servicehookproject (service_hook_id);

CREATE TABLE public.sentry_project (
    id bigserial NOT NULL,
    slug varchar(50),
    name varchar(200) NOT NULL,
    forced_color varchar(6),
    public boolean NOT NULL,
    date_added timestamp with time zone NOT NULL,
    status integer NOT NULL,
    first_event timestamp with time zone,
    flags bigint,
    platform varchar(64),
    organization_id bigint NOT NULL
);
ALTER TABLE public.sentry_project ADD CONSTRAINT sentry_project_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_project ADD CONSTRAINT sentry_project_organization_id_slug_0ac4d5ae_uniq UNIQUE (organization_id, slug);
CREATE INDEX sentry_project_organization_id_fff96c96 ON public.sentry_project (organization_id);
CREATE INDEX sentry_project_slug_b67b0741 ON public.sentry_project (slug);
CREATE INDEX sentry_project_slug_b67b0741_like ON public.sentry_project (slug varchar_pattern_ops);
CREATE INDEX sentry_project_status_959d33f3 ON public.sentry_project (status);
ALTER TABLE public.sentry_project ADD CONSTRAINT sentry_project_status_check CHECK ((status >= 0));

CREATE TABLE public.sentry_groupedmessage (
    id bigserial NOT NULL,
    logger varchar(64) NOT NULL,
    level integer NOT NULL,
    message text NOT NULL,
    view varchar(200),
    num_comments integer,
    platform varchar(64),
    status integer NOT NULL,
    times_seen integer NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    first_seen timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    active_at timestamp with time zone,
    time_spent_total integer NOT NULL,
    time_spent_count integer NOT NULL,
    score integer NOT NULL,
    is_public boolean,
    data text,
    short_id bigint,
    first_release_id bigint,
    project_id bigint NOT NULL,
    type integer NOT NULL DEFAULT 1,
    substatus integer
);
ALTER TABLE public.sentry_groupedmessage ADD CONSTRAINT sentry_groupedmessage_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_groupedmessage ADD CONSTRAINT sentry_groupedmessage_project_id_short_id_29374dd7_uniq UNIQUE (project_id, short_id);
CREATE INDEX sentry_groupedmessage_active_at_229e5298 ON public.sentry_groupedmessage (active_at);
CREATE INDEX sentry_groupedmessage_first_release_id_c8ed807e ON public.sentry_groupedmessage (first_release_id);
CREATE INDEX sentry_groupedmessage_first_seen_a093f2c2 ON public.sentry_groupedmessage (first_seen);
CREATE INDEX sentry_groupedmessage_last_seen_d9c87974 ON public.sentry_groupedmessage (last_seen);
CREATE INDEX sentry_groupedmessage_level_c2574e37 ON public.sentry_groupedmessage (level);
CREATE INDEX sentry_groupedmessage_logger_993cb6d5 ON public.sentry_groupedmessage (logger);
CREATE INDEX sentry_groupedmessage_logger_993cb6d5_like ON public.sentry_groupedmessage (logger varchar_pattern_ops);
CREATE INDEX sentry_groupedmessage_project_id_9a5ae474 ON public.sentry_groupedmessage (project_id);
CREATE INDEX sentry_groupedmessage_project_id_first_release_id_7f8c0ae5_idx ON public.sentry_groupedmessage (project_id, first_release_id);
CREATE INDEX sentry_groupedmessage_project_id_id_515aaa7e_idx ON public.sentry_groupedmessage (project_id, id);
CREATE INDEX sentry_groupedmessage_project_id_status_last_s_6b8195a7_idx ON public.sentry_groupedmessage (project_id, status, last_seen, id);
CREATE INDEX sentry_groupedmessage_project_id_status_substa_c95bb62c_idx ON public.sentry_groupedmessage (project_id, status, substatus, type, last_seen, id);
CREATE INDEX sentry_groupedmessage_project_id_status_substa_fbe106b6_idx ON public.sentry_groupedmessage (project_id, status, substatus, last_seen, id);
CREATE INDEX sentry_groupedmessage_project_id_type_status_l_074196b6_idx ON public.sentry_groupedmessage (project_id, status, type, last_seen, id);
CREATE INDEX sentry_groupedmessage_resolved_at_2c6a22d0 ON public.sentry_groupedmessage (resolved_at);
CREATE INDEX sentry_groupedmessage_status_028c2fe8 ON public.sentry_groupedmessage (status);
CREATE INDEX sentry_groupedmessage_times_seen_03d64079 ON public.sentry_groupedmessage (times_seen);
CREATE INDEX sentry_groupedmessage_type_de66b3a2 ON public.sentry_groupedmessage (type);
ALTER TABLE public.sentry_groupedmessage ADD CONSTRAINT sentry_groupedmessage_level_check CHECK ((level >= 0));
ALTER TABLE public.sentry_groupedmessage ADD CONSTRAINT sentry_groupedmessage_num_comments_check CHECK ((num_comments >= 0));
ALTER TABLE public.sentry_groupedmessage ADD CONSTRAINT sentry_groupedmessage_status_check CHECK ((status >= 0));
ALTER TABLE public.sentry_groupedmessage ADD CONSTRAINT sentry_groupedmessage_times_seen_check CHECK ((times_seen >= 0));

CREATE TABLE public.sentry_grouphash (
    id bigserial NOT NULL,
    hash varchar(32) NOT NULL,
    group_tombstone_id integer,
    state integer,
    group_id bigint,
    project_id bigint
);
ALTER TABLE public.sentry_grouphash ADD CONSTRAINT sentry_grouphash_pkey PRIMARY KEY (id);
ALTER TABLE public.sentry_grouphash ADD CONSTRAINT sentry_grouphash_project_id_hash_dee0ec7b_uniq UNIQUE (project_id, hash);
CREATE INDEX sentry_grouphash_group_id_bcfd3201 ON public.sentry_grouphash (group_id);
CREATE INDEX sentry_grouphash_group_tombstone_id_79b33d78 ON public.sentry_grouphash (group_tombstone_id);
CREATE INDEX sentry_grouphash_project_id_4af8fad7 ON public.sentry_grouphash (project_id);
ALTER TABLE public.sentry_grouphash ADD CONSTRAINT sentry_grouphash_group_tombstone_id_check CHECK ((group_tombstone_id >= 0));
ALTER TABLE public.sentry_grouphash ADD CONSTRAINT sentry_grouphash_state_check CHECK ((state >= 0));

CREATE TABLE public.nodestore_node (
    id varchar(40) NOT NULL,
    data text NOT NULL,
    "timestamp" timestamp with time zone NOT NULL
);
ALTER TABLE public.nodestore_node ADD CONSTRAINT nodestore_node_pkey PRIMARY KEY (id);
CREATE INDEX nodestore_node_id_819ef2ee_like ON public.nodestore_node (id varchar_pattern_ops);
CREATE INDEX nodestore_node_timestamp_a6fca047 ON public.nodestore_node ("timestamp");

CREATE TABLE public.sentry_auditlogentry (
    id bigserial NOT NULL,
    actor_label varchar(64),
    target_object bigint,
    event integer NOT NULL,
    ip_address inet,
    data text NOT NULL,
    datetime timestamp with time zone NOT NULL,
    actor_id bigint,
    actor_key_id bigint,
    organization_id bigint NOT NULL,
    target_user_id bigint
);
ALTER TABLE public.sentry_auditlogentry ADD CONSTRAINT sentry_auditlogentry_pkey PRIMARY KEY (id);
CREATE INDEX sentry_audi_organiz_588b1e_idx ON public.sentry_auditlogentry (organization_id, event, datetime);
CREATE INDEX sentry_audi_organiz_c8bd18_idx ON public.sentry_auditlogentry (organization_id, datetime);
CREATE INDEX sentry_auditlogentry_actor_id_3720de5f ON public.sentry_auditlogentry (actor_id);
CREATE INDEX sentry_auditlogentry_actor_key_id_b9782a3f ON public.sentry_auditlogentry (actor_key_id);
CREATE INDEX sentry_auditlogentry_organization_id_cf0df23b ON public.sentry_auditlogentry (organization_id);
CREATE INDEX sentry_auditlogentry_target_user_id_a4c5167c ON public.sentry_auditlogentry (target_user_id);
ALTER TABLE public.sentry_auditlogentry ADD CONSTRAINT sentry_auditlogentry_event_check CHECK ((event >= 0));

ALTER TABLE public.sentry_apiapplication ADD CONSTRAINT sentry_apiapplication_owner_id_4e3f31ba_fk_auth_user_id
    FOREIGN KEY (owner_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_apigrant ADD CONSTRAINT sentry_apigrant_application_id_8d615a40_fk_sentry_ap
    FOREIGN KEY (application_id) REFERENCES public.sentry_apiapplication (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_apigrant ADD CONSTRAINT sentry_apigrant_user_id_7446d3be_fk_auth_user_id
    FOREIGN KEY (user_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_apitoken ADD CONSTRAINT sentry_apitoken_application_id_ad56c618_fk_sentry_ap
    FOREIGN KEY (application_id) REFERENCES public.sentry_apiapplication (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_apitoken ADD CONSTRAINT sentry_apitoken_user_id_4ed77d5d_fk_auth_user_id
    FOREIGN KEY (user_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_orgauthtoken ADD CONSTRAINT sentry_orgauthtoken_created_by_id_5e2288f9_fk_auth_user_id
    FOREIGN KEY (created_by_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_sentryapp ADD CONSTRAINT sentry_sentryapp_application_id_eeb31cb9_fk_sentry_ap
    FOREIGN KEY (application_id) REFERENCES public.sentry_apiapplication (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_sentryapp ADD CONSTRAINT sentry_sentryapp_proxy_user_id_c264c420_fk_auth_user_id
    FOREIGN KEY (proxy_user_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_sentryappcomponent ADD CONSTRAINT sentry_sentryappcomp_sentry_app_id_5e6d0c6c_fk_sentry_se
    FOREIGN KEY (sentry_app_id) REFERENCES public.sentry_sentryapp (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_sentryappinstallation ADD CONSTRAINT sentry_sentryappinst_api_grant_id_a30cf323_fk_sentry_ap
    FOREIGN KEY (api_grant_id) REFERENCES public.sentry_apigrant (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_sentryappinstallation ADD CONSTRAINT sentry_sentryappinst_api_token_id_1e9ff1bc_fk_sentry_ap
    FOREIGN KEY (api_token_id) REFERENCES public.sentry_apitoken (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_sentryappinstallation ADD CONSTRAINT sentry_sentryappinst_sentry_app_id_9507edd1_fk_sentry_se
    FOREIGN KEY (sentry_app_id) REFERENCES public.sentry_sentryapp (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_sentryappavatar ADD CONSTRAINT sentry_sentryappavat_sentry_app_id_9181f6c1_fk_sentry_se
    FOREIGN KEY (sentry_app_id) REFERENCES public.sentry_sentryapp (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_organizationmember ADD CONSTRAINT sentry_organizationm_organization_id_06948bec_fk_sentry_or
    FOREIGN KEY (organization_id) REFERENCES public.sentry_organization (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_organizationmembermapping ADD CONSTRAINT sentry_organizationm_inviter_id_c1dbf818_fk_auth_user
    FOREIGN KEY (inviter_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_organizationmembermapping ADD CONSTRAINT sentry_organizationm_user_id_3f7be018_fk_auth_user
    FOREIGN KEY (user_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_team ADD CONSTRAINT sentry_team_organization_id_d34b1c8e_fk_sentry_organization_id
    FOREIGN KEY (organization_id) REFERENCES public.sentry_organization (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_organizationmember_teams ADD CONSTRAINT sentry_organizationm_organizationmember_i_f9d02835_fk_sentry_or
    FOREIGN KEY (organizationmember_id) REFERENCES public.sentry_organizationmember (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_organizationmember_teams ADD CONSTRAINT sentry_organizationm_team_id_728abcbf_fk_sentry_te
    FOREIGN KEY (team_id) REFERENCES public.sentry_team (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_servicehookproject ADD CONSTRAINT sentry_servicehookpr_service_hook_id_20edec6a_fk_sentry_se
    FOREIGN KEY (service_hook_id) REFERENCES public.sentry_servicehook (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_project ADD CONSTRAINT sentry_project_organization_id_fff96c96_fk_sentry_or
    FOREIGN KEY (organization_id) REFERENCES public.sentry_organization (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_groupedmessage ADD CONSTRAINT sentry_groupedmessage_project_id_9a5ae474_fk_sentry_project_id
    FOREIGN KEY (project_id) REFERENCES public.sentry_project (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_grouphash ADD CONSTRAINT sentry_grouphash_group_id_bcfd3201_fk_sentry_groupedmessage_id
    FOREIGN KEY (group_id) REFERENCES public.sentry_groupedmessage (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_grouphash ADD CONSTRAINT sentry_grouphash_project_id_4af8fad7_fk_sentry_project_id
    FOREIGN KEY (project_id) REFERENCES public.sentry_project (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_auditlogentry ADD CONSTRAINT sentry_auditlogentry_actor_id_3720de5f_fk_auth_user_id
    FOREIGN KEY (actor_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_auditlogentry ADD CONSTRAINT sentry_auditlogentry_actor_key_id_b9782a3f_fk_sentry_apikey_id
    FOREIGN KEY (actor_key_id) REFERENCES public.sentry_apikey (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE public.sentry_auditlogentry ADD CONSTRAINT sentry_auditlogentry_target_user_id_a4c5167c_fk_auth_user_id
    FOREIGN KEY (target_user_id) REFERENCES public.auth_user (id) DEFERRABLE INITIALLY DEFERRED;
