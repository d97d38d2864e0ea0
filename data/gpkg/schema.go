package gpkg

import (
	"fmt"
	"strings"
)

const (
	schemaVersion = 2          // of our tables; a file with a lesser one is brought up to it, with a greater one refused
	applicationID = 0x47504B47 // "GPKG" (OGC 12-128r17, 1.1.1.1.1)
	userVersion   = 10300      // GeoPackage 1.3
)

// The well-known text of EPSG:4326, in the form of OGC 01-009.
const wktWGS84 = `GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],` +
	`AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,` +
	`AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]`

// coreTables are those that the standard requires (annex C).
const coreTables = `
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
	organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
	description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
	min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
	CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
	srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
	CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
	CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
	CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
	scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
INSERT INTO gpkg_spatial_ref_sys VALUES
	('Undefined Cartesian', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
	('Undefined geographic', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
	('WGS 84 geodetic', 4326, 'EPSG', 4326, '` + wktWGS84 + `', 'longitude and latitude in decimal degrees on WGS 84');
`

// ourTables are the store's. A version's columns are the same in hazards and in
// changes, so that a superseded one is moved by SQL alone. The record comes last:
// a scan of the columns before it does not follow a long row's overflow pages.
const ourTables = `
CREATE TABLE riskatlas_store (fid INTEGER PRIMARY KEY NOT NULL, schema_version INTEGER NOT NULL);
CREATE TABLE hazards (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom GEOMETRY NOT NULL, id TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL, name_en TEXT, industry TEXT NOT NULL, level INTEGER NOT NULL, district TEXT, vintage TEXT,
	status TEXT NOT NULL, sensitivity TEXT, regulator TEXT, rev INTEGER NOT NULL, scenarios BLOB NOT NULL, record TEXT NOT NULL);
CREATE TABLE units (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom GEOMETRY NOT NULL, kind TEXT NOT NULL,
	code TEXT NOT NULL, name TEXT NOT NULL, name_en TEXT, class TEXT, props TEXT, UNIQUE (kind, code));
CREATE TABLE revisions (revision INTEGER PRIMARY KEY NOT NULL, at DATETIME NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
	key TEXT UNIQUE, kind TEXT);
CREATE TABLE changes (n INTEGER PRIMARY KEY NOT NULL, revision INTEGER NOT NULL, id TEXT NOT NULL,
	op TEXT NOT NULL, was INTEGER NOT NULL, geom BLOB, name TEXT, name_en TEXT, industry TEXT, level INTEGER,
	district TEXT, vintage TEXT, status TEXT, sensitivity TEXT, regulator TEXT, scenarios BLOB, record TEXT);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES
	('hazards', 'features', 'hazards', 'Risk sources as they are now', 4326),
	('units', 'features', 'units', 'Districts, zones and emergency places, by kind', 4326),
	('revisions', 'attributes', 'revisions', 'Every applied batch of changes', NULL),
	('changes', 'attributes', 'changes', 'What each batch did to each record, with the version it superseded', NULL),
	('riskatlas_store', 'attributes', 'riskatlas_store', 'The version of these tables', NULL);
`

// pastTables are what version 2 added to version 1: sets of units that were
// replaced, each as packUnits packs it under the revision that replaced it, and
// one row of totals for each local day and view.
const pastTables = `
CREATE TABLE past_units (n INTEGER PRIMARY KEY NOT NULL, kind TEXT NOT NULL, replaced INTEGER NOT NULL, packed BLOB NOT NULL,
	UNIQUE (kind, replaced));
CREATE TABLE days (n INTEGER PRIMARY KEY NOT NULL, day TEXT NOT NULL, view TEXT NOT NULL, revision INTEGER NOT NULL,
	at DATETIME NOT NULL, totals TEXT NOT NULL, UNIQUE (view, day));
CREATE INDEX revisions_at ON revisions (at);
CREATE INDEX revisions_kind ON revisions (kind) WHERE kind IS NOT NULL;
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES
	('past_units', 'attributes', 'past_units', 'Sets of units that were replaced, packed', NULL),
	('days', 'attributes', 'days', 'The totals of each day', NULL);
`

// schema is all the statements that make an empty store.
func schema() string {
	var b strings.Builder
	fmt.Fprintf(&b, "PRAGMA application_id = %d;\nPRAGMA user_version = %d;\n", applicationID, userVersion)
	b.WriteString(coreTables)
	b.WriteString(ourTables)
	b.WriteString(changesIndexes)
	fmt.Fprintf(&b, "INSERT INTO riskatlas_store VALUES (1, %d);\n", schemaVersion)
	for _, table := range []string{"hazards", "units"} {
		b.WriteString(strings.ReplaceAll(rtree+rtreeInsert, "{t}", table))
	}
	for _, table := range []string{"hazards", "units", "revisions", "changes"} {
		guarded(&b, table)
	}
	b.WriteString(past())
	return b.String()
}

// past is all the statements that make tables of version 1 into those of
// version 2, but for the number.
func past() string {
	var b strings.Builder
	b.WriteString(pastTables)
	for _, table := range []string{"past_units", "days"} {
		guarded(&b, table)
	}
	return b.String()
}

// guarded lets a table be changed by riskatlas alone, and says so.
func guarded(b *strings.Builder, table string) {
	for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
		b.WriteString(guardTrigger(table, event))
	}
	fmt.Fprintf(b, "INSERT INTO gpkg_extensions VALUES ('%s', NULL, 'riskatlas_store', "+
		"'Rows are written by riskatlas alone: triggers refuse any other writer', 'write-only');\n", table)
}

// guardTrigger lets one kind of edit of a table be made by riskatlas alone.
func guardTrigger(table, event string) string {
	return fmt.Sprintf("CREATE TRIGGER riskatlas_%s_%s BEFORE %s ON %s BEGIN SELECT %s(); END;\n",
		table, strings.ToLower(event), event, table, guard)
}

// changesIndexes find what a revision did, and a version of a record.
const changesIndexes = `
CREATE INDEX changes_revision ON changes (revision);
CREATE INDEX changes_version ON changes (id, was);
`

// rtreeInsert is the trigger of rtree's that new rows fire.
const rtreeInsert = `
CREATE TRIGGER rtree_{t}_geom_insert AFTER INSERT ON {t}
	WHEN (new.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
	BEGIN INSERT OR REPLACE INTO rtree_{t}_geom VALUES
		(NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
`

// rtree is the standard's spatial index of one table, kept by its triggers
// (OGC 12-128r17, annex F.3).
const rtree = `
INSERT INTO gpkg_geometry_columns VALUES ('{t}', 'geom', 'GEOMETRY', 4326, 0, 0);
INSERT INTO gpkg_extensions VALUES ('{t}', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec130/#extension_rtree', 'write-only');
CREATE VIRTUAL TABLE rtree_{t}_geom USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_{t}_geom_update1 AFTER UPDATE OF geom ON {t}
	WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
	BEGIN INSERT OR REPLACE INTO rtree_{t}_geom VALUES
		(NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_{t}_geom_update2 AFTER UPDATE OF geom ON {t}
	WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
	BEGIN DELETE FROM rtree_{t}_geom WHERE id = OLD.fid; END;
CREATE TRIGGER rtree_{t}_geom_update3 AFTER UPDATE ON {t}
	WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
	BEGIN DELETE FROM rtree_{t}_geom WHERE id = OLD.fid;
		INSERT OR REPLACE INTO rtree_{t}_geom VALUES
		(NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_{t}_geom_update4 AFTER UPDATE ON {t}
	WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
	BEGIN DELETE FROM rtree_{t}_geom WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER rtree_{t}_geom_delete AFTER DELETE ON {t}
	WHEN old.geom NOT NULL
	BEGIN DELETE FROM rtree_{t}_geom WHERE id = OLD.fid; END;
`
