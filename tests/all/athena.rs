//! The order of statements and requests of each materialization on Athena, against services in memory.

use crate::quern::Quern;

#[cfg(feature = "athena")]
mod stand_in;

const PROFILE: &str = "small:
  target: dev
  outputs:
    dev:
      type: athena
      region_name: eu-west-1
      s3_staging_dir: s3://lake/results/
      s3_data_dir: s3://lake/data/
      s3_tmp_table_dir: s3://lake/tmp/
      schema: shop
      threads: 1
      poll_interval: 0.01
      aws_access_key_id: AKIATEST
      aws_secret_access_key: sesame
";

fn project() -> Quern {
    let quern = Quern::in_base_project();
    quern.write("profiles.yml", PROFILE);
    quern
}

#[test]
fn a_project_is_read_without_the_way_to_athena() {
    let quern = project();
    quern.write("models/one.sql", "{{ config(table_type='iceberg') }}\nselect 1 as id\n");
    quern.succeed(&["parse"]);
}

#[cfg(not(feature = "athena"))]
#[test]
fn a_binary_without_the_way_to_athena_says_how_to_get_one() {
    let quern = project();
    quern.write("models/one.sql", "select 1 as id\n");
    let outcome = quern.run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.text);
    assert!(
        outcome.text.contains("build it with `cargo build --release --features athena`"),
        "{}",
        outcome.text
    );
}

#[cfg(feature = "athena")]
mod with_services {
    use super::stand_in::StandIn;
    use super::*;

    fn start() -> (StandIn, Quern) {
        let services = StandIn::start();
        let mut quern = project();
        quern.set("AWS_ENDPOINT_URL", &services.address);
        quern.write("models/first.sql", "select 1 as id\n");
        quern.succeed(&["run"]);
        std::fs::remove_file(quern.folder().join("models/first.sql")).expect("a model");
        services.take_log();
        (services, quern)
    }

    /// What a second run of a model asks for, without the listing of tables at its beginning.
    fn second_run(services: &StandIn, quern: &Quern, config: &str, query: &str) -> String {
        quern.write("models/orders.sql", &format!("{{{{ config({config}) }}}}\n{query}\n"));
        let outcome = quern.run(&["run"]);
        assert!(outcome.succeeded, "{}", outcome.text);
        services.take_log();
        let outcome = quern.run(&["run"]);
        assert!(outcome.succeeded, "{}", outcome.text);
        services.take_log()
    }

    #[test]
    fn a_view_is_replaced() {
        let (services, quern) = start();
        let log = second_run(&services, &quern, "materialized='view'", "select 1 as id");
        insta::assert_snapshot!("athena_view", log);
    }

    #[test]
    fn a_table_of_iceberg_takes_the_place_of_the_former_one() {
        let (services, quern) = start();
        let config = "materialized='table', table_type='iceberg', partitioned_by=['day(at)'], table_properties={'vacuum_min_snapshots_to_keep': '2'}";
        let log = second_run(&services, &quern, config, "select 1 as id");
        insta::assert_snapshot!("athena_iceberg_table", log);
        assert_eq!(services.tables(), ["view first", "table orders with files"]);
    }

    #[test]
    fn a_table_of_hive_is_dropped_and_built() {
        let (services, quern) = start();
        let config = "materialized='table', format='orc', write_compression='snappy', bucketed_by=['id'], bucket_count=4";
        let log = second_run(&services, &quern, config, "select 1 as id");
        insta::assert_snapshot!("athena_hive_table", log);
    }

    #[test]
    fn a_table_of_hive_is_swapped_in_glue() {
        let (services, quern) = start();
        let log = second_run(&services, &quern, "materialized='table', ha=true", "select 1 as id");
        insta::assert_snapshot!("athena_hive_swap", log);
        assert_eq!(services.tables(), ["view first", "table orders with files"]);
    }

    #[test]
    fn rows_are_merged_into_a_table_of_iceberg() {
        let (services, quern) = start();
        let config = "materialized='incremental', table_type='iceberg', incremental_strategy='merge', unique_key='id', \
             delete_condition='src.name is null', update_condition='src.at > target.at', insert_condition='src.id > 0', \
             merge_update_columns_rules={'name': 'coalesce'}, incremental_predicates=['target.at > current_date']";
        let log = second_run(&services, &quern, config, "select 1 as id");
        insta::assert_snapshot!("athena_merge", log);
    }

    #[test]
    fn partitions_are_overwritten_a_hundred_at_a_time_where_there_are_more() {
        let (services, quern) = start();
        services.answer("select distinct at", &[&["2024-01-01"], &["it's"]]);
        let config = "materialized='incremental', partitioned_by=['at'], partitions_limit=1";
        quern.write("models/orders.sql", &format!("{{{{ config({config}) }}}}\nselect 1 as id\n"));
        quern.succeed(&["run"]);
        services.take_log();
        services.fail_once(
            "insert into",
            "TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers",
        );
        quern.succeed(&["run"]);
        insta::assert_snapshot!("athena_insert_overwrite", services.take_log());
    }

    #[test]
    fn a_failed_run_leaves_nothing_beside_the_table() {
        let (services, quern) = start();
        let config = "materialized='incremental'";
        quern.write("models/orders.sql", &format!("{{{{ config({config}) }}}}\nselect 1 as id\n"));
        quern.succeed(&["run"]);
        services.fail_once("insert into", "GENERIC_USER_ERROR: no");
        let outcome = quern.run(&["run"]);
        assert_eq!(outcome.code, 1, "{}", outcome.text);
        assert!(outcome.text.contains("error[Q702]: no\n"), "{}", outcome.text);
        assert_eq!(services.tables(), ["view first", "table orders with files"]);
    }

    #[test]
    fn a_seed_goes_by_a_file_or_by_inserts() {
        let (services, quern) = start();
        quern.write("seeds/raw.csv", "id,name,at\n1,it's,2024-01-01 10:00:00\n2,,\n");
        let outcome = quern.run(&["seed"]);
        assert!(outcome.succeeded, "{}", outcome.text);
        insta::assert_snapshot!("athena_seed_file", services.take_log());
        quern.write("seeds/seeds.yml", "seeds: [{name: raw, config: {seed_by_insert: true}}]\n");
        let outcome = quern.run(&["seed"]);
        assert!(outcome.succeeded, "{}", outcome.text);
        insta::assert_snapshot!("athena_seed_inserts", services.take_log());
    }

    #[test]
    fn snapshots_are_merged_or_written_anew() {
        let (services, quern) = start();
        let snapshot = |table_type: &str| {
            format!(
                "{{% snapshot moves %}}{{{{ config(target_schema='shop', unique_key='id', strategy='timestamp', \
                 updated_at='at', table_type='{table_type}') }}}}\nselect * from source{{% endsnapshot %}}\n"
            )
        };
        for table_type in ["iceberg", "hive"] {
            quern.write("snapshots/moves.sql", &snapshot(table_type));
            let outcome = quern.run(&["snapshot"]);
            assert!(outcome.succeeded, "{}", outcome.text);
            services.take_log();
        }
        let outcome = quern.run(&["snapshot"]);
        assert!(outcome.succeeded, "{}", outcome.text);
        insta::assert_snapshot!("athena_hive_snapshot", services.take_log());
    }

    #[test]
    fn descriptions_go_to_glue_and_the_catalog_comes_from_there() {
        let (services, quern) = start();
        quern.write("models/orders.sql", "{{ config(materialized='table') }}\nselect 1 as id\n");
        quern.write(
            "models/orders.yml",
            "models: [{name: orders, description: All orders., config: {persist_docs: {relation: true, columns: true}}, \
             columns: [{name: id, description: The key.}]}]\n",
        );
        quern.succeed(&["run"]);
        assert!(services.take_log().contains("glue: UpdateTable orders"));
        quern.succeed(&["docs", "generate"]);
        let catalog =
            std::fs::read_to_string(quern.folder().join("target/catalog.json")).expect("a catalog");
        let catalog: serde_json::Value = serde_json::from_str(&catalog).expect("JSON");
        let node = &catalog["nodes"]["model.small.orders"];
        assert_eq!(node["metadata"]["comment"], "All orders.", "{catalog}");
        assert_eq!(node["columns"]["id"]["comment"], "The key.");
        assert!(services.take_log().contains("glue: GetTables"));
    }

    #[test]
    fn what_is_not_there_is_refused_before_anything_changes() {
        let (services, quern) = start();
        let cases = [
            (
                "materialized='table', lf_tags_config={'enabled': true}",
                "tags and grants of Lake Formation are not set",
            ),
            (
                "materialized='table', grants={'select': ['ada']}",
                "`grants` cannot be had on Athena",
            ),
            (
                "materialized='table', table_type='delta'",
                "`table_type` is 'hive' or 'iceberg', not 'delta'",
            ),
            ("materialized='materialized_view'", "Athena has no materialized views"),
            (
                "materialized='table', ha=true, s3_data_naming='table'",
                "both need places of their own in S3",
            ),
            (
                "materialized='incremental', table_type='iceberg'",
                "Invalid incremental strategy provided: insert_overwrite",
            ),
            (
                "materialized='incremental', table_type='iceberg', incremental_strategy='merge'",
                "the strategy `merge` needs `unique_key`",
            ),
            (
                "materialized='table', external_location='s3://lake'",
                "`s3://lake` is a whole bucket",
            ),
        ];
        for (config, message) in cases {
            quern.write(
                "models/orders.sql",
                &format!("{{{{ config({config}) }}}}\nselect 1 as id\n"),
            );
            let outcome = quern.run(&["run"]);
            assert_eq!(outcome.code, 1, "{config}: {}", outcome.text);
            assert!(outcome.text.contains(message), "{config}: {}", outcome.text);
        }
        let log = services.take_log();
        assert!(!log.contains("create table") && !log.contains("s3: delete"), "{log}");
    }
}
