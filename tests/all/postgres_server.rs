//! A PostgreSQL server for a test.

use quern_tests::postgres_server::{PostgresServer, programs};

use crate::parts::absent;
use crate::quern::Quern;

/// A running server.
pub struct Server(PostgresServer);

impl Server {
    /// Starts a server; `None`, with a word about it, where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            return absent("PostgreSQL's `initdb` and `postgres` (apt-get install postgresql)");
        };
        Some(Self(PostgresServer::start(programs, "").expect("a server")))
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Starts the server after [`Server::down`].
    pub fn up(&self) {
        self.0.up().expect("the server starts");
    }

    /// Ends the server as a restart does: sessions are cut off.
    pub fn down(&self) {
        self.0.down().expect("the server stops");
    }

    /// Runs statements in the database `shop` and gives the rows, a line each.
    pub fn sql(&self, sql: &str) -> String {
        self.0.sql(sql).expect("the statements succeed")
    }

    /// The base project, its target a schema `public` of this server; `fields` are further lines of the profile.
    pub fn project(&self, fields: &str) -> Quern {
        let quern = Quern::in_base_project();
        let profile = format!(
            "small:\n  target: dev\n  outputs:\n    dev:\n      type: postgres\n      schema: public\n      threads: 4\n      \
             user: \"{{{{ env_var('SHOP_USER', 'owner') }}}}\"\n      password: \"{{{{ env_var('SHOP_PASSWORD', 'sesame') }}}}\"\n      \
             host: \"{{{{ env_var('SHOP_HOST', '127.0.0.1') }}}}\"\n      dbname: shop\n      \
             port: \"{{{{ env_var('SHOP_PORT', '{}') | int }}}}\"\n{fields}",
            self.port()
        );
        quern.write("profiles.yml", &profile);
        quern
    }
}
