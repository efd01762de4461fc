-- What the examples name: roles, and tables that somebody else fills.
CREATE ROLE loader LOGIN;
CREATE ROLE dashboard;
CREATE ROLE accounting;
CREATE SCHEMA shop AUTHORIZATION loader;
CREATE TABLE shop.orders (id integer PRIMARY KEY, status text, changed_at timestamptz);
INSERT INTO shop.orders VALUES (1, 'new', '2026-03-05 10:00+01'), (2, 'paid', '2026-03-06 11:00+01');
CREATE TABLE shop.prices (item text, region text, price numeric);
INSERT INTO shop.prices VALUES ('lamp', 'north', 10), ('lamp', 'south', 12);
CREATE TABLE public.prices (item text, price numeric);
ALTER TABLE shop.orders OWNER TO loader;
ALTER TABLE shop.prices OWNER TO loader;
ALTER TABLE public.prices OWNER TO loader;
