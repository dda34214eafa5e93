using Warren.Buffers.Commits;
using Warren.Core.Events;
using Warren.Core.Parameters;
using Warren.Core.Security;

namespace Warren.Core;

/// <content>Deletes virtual hosts and everything: in steps, of which the next start finishes what a crash has cut short.</content>
public sealed partial class Broker
{
    /// <summary>Forgets all definitions and messages and begins with the defaults, as on the first start.</summary>
    /// <remarks>Connections must be closed before. After a crash half-way the next start finishes it.</remarks>
    /// <exception cref="IOException">It could not be stored; the next start finishes what has begun.</exception>
    public void Reset()
    {
        lock (_virtualHostChanges)
        {
            Metadata.Put(ResetKey, []);
            Forget();
        }
    }

    private void Forget()
    {
        foreach (VirtualHost virtualHost in _virtualHosts.Values)
        {
            virtualHost.Settings = virtualHost.Settings with { IsBeingDeleted = true };
            Delete(virtualHost);
        }

        foreach (User user in Users.Users)
        {
            Users.Remove(user.Name);
        }

        foreach (GlobalParameter parameter in Parameters.Globals)
        {
            Parameters.RemoveGlobal(parameter.Name);
        }

        CreateDefaults();
        AddVirtualHost(Options.DefaultVirtualHost);
        StoreDeletions(); // or a crash would bring queues back
        Metadata.Delete(ResetKey);
        _logger.Forgotten();
    }

    // What a crash left of virtual hosts that were being deleted.
    private void FinishDeletions()
    {
        foreach (VirtualHost virtualHost in _virtualHosts.Values)
        {
            if (virtualHost.Settings.IsBeingDeleted)
            {
                Delete(virtualHost);
            }
        }
    }

    private void Delete(VirtualHost virtualHost)
    {
        string name = virtualHost.Name;
        virtualHost.Sessions.DeleteAll();
        virtualHost.Retained.DeleteAll();
        virtualHost.Definitions.DeleteEverything();
        StoreDeletions(); // or a crash would bring queues back, without their virtual host
        Policies.RemoveVirtualHost(name);
        Parameters.RemoveVirtualHost(name);
        Users.RemoveVirtualHost(name);
        Metadata.Delete(KeyOf(name));
        _virtualHosts.TryRemove(name, out _);
        Events.Close(virtualHost);
        LogLines.Close(virtualHost);
        Events.VirtualHostDeleted(name);
    }

    private void StoreDeletions()
    {
        if (!TryAwaitStored())
        {
            throw new IOException("the deletions cannot be stored");
        }

        Log.Checkpoint();
    }

    /// <summary>Blocks until everything before is on the disk; false: it will not be, or not for a long time.</summary>
    internal bool TryAwaitStored()
    {
        CommitTicket ticket = Log.Barrier();
        Log.RequestCommit();
        SpinWait.SpinUntil(() => ticket.State != CommitState.Pending, LongestWait);
        return ticket.State == CommitState.Committed;
    }
}
