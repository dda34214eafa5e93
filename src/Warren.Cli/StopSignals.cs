using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Warren.Cli;

/// <summary>Ctrl-C, SIGTERM and a closed terminal ask for a clean stop; a second time ends the process at once.</summary>
/// <remarks>Without a terminal nobody can close one: SIGHUP asks a service to read its files again.</remarks>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _reload;
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    [SuppressMessage("Reliability", "CA2000", Justification = "Held in the array and disposed with it.")]
    public StopSignals(Action reload)
    {
        _reload = reload;
        bool hasTerminal = !Console.IsInputRedirected || !Console.IsOutputRedirected;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, hasTerminal ? OnSignal : OnReload),
        ];
    }

    /// <summary>Completes with the first signal, or when the caller has had enough.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration registration =
            cancellationToken.Register(static s => ((TaskCompletionSource)s!).TrySetResult(), _stop);
        await _stop.Task;
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void OnReload(PosixSignalContext context)
    {
        context.Cancel = true;
        _reload();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) == 1)
        {
            _stop.TrySetResult();
            return;
        }

        // 128 + the signal's number, as a shell reports a process that a signal ended. What was confirmed is on the disk.
        Environment.Exit(context.Signal switch
        {
            PosixSignal.SIGINT => 130,
            PosixSignal.SIGHUP => 129,
            _ => 143,
        });
    }
}
