-- The two roles and the database, for an administrator's psql:
--   psql -v owner_password=… -v app_password=… -f deploy/roles.sql
-- The owner makes and changes tables; what serves can only read and add (`migrate` grants it that).
CREATE ROLE countersign_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE countersign_app LOGIN PASSWORD :'app_password';
CREATE DATABASE countersign OWNER countersign_owner ENCODING 'UTF8' TEMPLATE template0;
