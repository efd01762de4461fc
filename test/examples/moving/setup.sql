-- What the sources of the examples are.
CREATE ROLE loader LOGIN;
CREATE ROLE dashboard;
CREATE SCHEMA crm_raw AUTHORIZATION loader;
CREATE TABLE crm_raw."Customers" (id integer);
INSERT INTO crm_raw."Customers" VALUES (1), (2);
ALTER TABLE crm_raw."Customers" OWNER TO loader;
CREATE SCHEMA crm AUTHORIZATION loader;
CREATE TABLE crm.customers (id integer, kind text, updated_at timestamptz);
INSERT INTO crm.customers VALUES (1, 'order', now());
ALTER TABLE crm.customers OWNER TO loader;
CREATE TABLE crm.old (id integer);
ALTER TABLE crm.old OWNER TO loader;
