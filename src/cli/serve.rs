//! `gatelodge serve`: says where it is, what to try, and answers until it is told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::output;
use crate::settings::{Loaded, LogFormat, Sources};
use crate::startup::{FirstAccount, FirstKeys, Lodge, Parts};
use crate::telemetry;

pub(super) fn run(loaded: Loaded, sources: Sources) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(serve(loaded, sources)),
        Err(error) => Err(error.into()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format_args!("gatelodge: {error:#}"));
            super::EX_FAILED.into()
        }
    }
}

async fn serve(loaded: Loaded, sources: Sources) -> anyhow::Result<()> {
    let settings = loaded.settings;
    telemetry::start(format(settings.log.format), &settings.log.filter)?;
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let drain = settings.server.drain;
    let lodge = Lodge::assemble(settings, Parts::default()).await?;
    let listener = lodge.bind()?;
    let first_keys = lodge.first_keys().cloned();
    let first_account = lodge.first_account().cloned();
    let running = lodge.run(listener)?;
    if let Some(address) = running.grpc_address {
        output::line(&format_args!("Envoy's gRPC is answered on {address}"))?;
    }
    greet(
        &running.address.to_string(),
        first_keys.as_ref(),
        first_account.as_ref(),
    )?;

    let asked = Arc::new(Notify::new());
    let watch = running
        .reloader()
        .watch(sources, loaded.report, Arc::clone(&asked));
    tokio::spawn(watch);
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            asked.notify_one();
        }
    });

    let stopper = running.stopper();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: requests in flight end first");
        stopper.stop(drain).await;
    });
    running.until_stopped().await?;
    tracing::info!("stopped");
    Ok(())
}

fn format(format: LogFormat) -> telemetry::Format {
    match format {
        LogFormat::Plain => telemetry::Format::Plain,
        LogFormat::Json => telemetry::Format::Json,
    }
}

/// What a newcomer needs: where it listens, how to begin, two lines to try.
fn greet(
    address: &str,
    first_keys: Option<&FirstKeys>,
    first_account: Option<&FirstAccount>,
) -> anyhow::Result<()> {
    output::line(&format_args!("Gatelodge listens on http://{address}"))?;
    if let Some(account) = first_account {
        output::line(&format_args!(
            "\nSign in at http://{address} as {} with the password in {}, and choose another.",
            account.username,
            account.file.display()
        ))?;
        if let Some(password) = &account.fresh {
            output::line(&format_args!(
                "It is shown this once:\n  {}",
                password.expose()
            ))?;
        }
    }
    let Some(keys) = first_keys else {
        return Ok(());
    };
    let (first, admin) = (keys.first.display(), keys.admin.display());
    if keys.admin.exists() {
        output::line(&format_args!(
            "\nThe administrator's key is in {admin}. It mints keys for anybody:\n  \
             curl -X POST -H \"Authorization: Bearer $(cat {admin})\" -H 'Content-Type: application/json' \
             -d '{{\"description\":\"my key\"}}' http://{address}/api/users/alice/tokens\n\
             All it can do: http://{address}/docs"
        ))?;
    }
    output::line(&format_args!(
        "\nTry it. Refused with 401, for there is no key:\n  \
         curl -i http://{address}/forward-auth"
    ))?;
    if keys.first.exists() {
        output::line(&format_args!(
            "Passes with 204, with the first key:\n  \
             curl -i -H \"Authorization: Bearer $(cat {first})\" http://{address}/forward-auth"
        ))?;
    }
    Ok(())
}
