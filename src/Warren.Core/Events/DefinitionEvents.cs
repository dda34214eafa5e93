using System.Text.Json;
using Warren.Buffers.Fields;
using Warren.Core.Alarms;
using Warren.Core.Parameters;
using Warren.Core.Policies;
using Warren.Core.VirtualHosts;

namespace Warren.Core.Events;

/// <summary>The events of virtual hosts, policies, parameters and alarms.</summary>
internal static class DefinitionEvents
{
    public static void VirtualHostCreated(this BrokerEvents events, string name, VirtualHostSettings settings) =>
        events.EmitVirtualHost("vhost.created", name, settings);

    public static void VirtualHostUpdated(this BrokerEvents events, string name, VirtualHostSettings settings) =>
        events.EmitVirtualHost("vhost.updated", name, settings);

    public static void VirtualHostDeleted(this BrokerEvents events, string name)
    {
        if (events.IsHeard)
        {
            events.Emit("vhost.deleted", BrokerEvents.Of("name", name), events.By(null));
        }
    }

    // Setting an operator policy has no name of its own in RabbitMQ; clearing one has.
    public static void PolicyChanged(this BrokerEvents events, string virtualHost, PolicyChange change)
    {
        if (!events.IsHeard || (change.New ?? change.Old) is not { } policy)
        {
            return;
        }

        (string, FieldValue)[] what =
            [BrokerEvents.Of("name", policy.Name), BrokerEvents.Of("vhost", virtualHost), events.By(null)];
        if (change.New is null)
        {
            events.Emit(change.IsOperators ? "operator.policy.cleared" : "policy.cleared", what);
        }
        else
        {
            events.Emit("policy.set", [.. what, .. Details(policy)]);
        }
    }

    public static void ParameterChanged(
        this BrokerEvents events, string? virtualHost, string component, string name, JsonElement? value)
    {
        if (!events.IsHeard)
        {
            return;
        }

        var what = new List<(string, FieldValue)> { BrokerEvents.Of("component", component), BrokerEvents.Of("name", name) };
        if (virtualHost is not null)
        {
            what.Add(BrokerEvents.Of("vhost", virtualHost));
        }

        if (value is { } now)
        {
            what.Add(("value", BrokerEvents.Json(now)));
        }

        what.Add(events.By(null));
        events.Emit(value is null ? "parameter.cleared" : "parameter.set", [.. what]);
        if (component == ParameterComponents.VirtualHostLimits && virtualHost is not null)
        {
            events.LimitsChanged(virtualHost, name, value);
        }
    }

    public static void AlarmsChanged(this BrokerEvents events, AlarmKinds before, AlarmKinds now)
    {
        if (!events.IsHeard)
        {
            return;
        }

        foreach ((AlarmKinds kind, string source) in (ReadOnlySpan<(AlarmKinds, string)>)[(AlarmKinds.Memory, "memory"), (AlarmKinds.Disk, "disk")])
        {
            if (((before ^ now) & kind) != 0)
            {
                events.Emit(
                    (now & kind) != 0 ? "alarm.set" : "alarm.cleared",
                    BrokerEvents.Of("source", source),
                    BrokerEvents.Of("node", events.NodeName));
            }
        }
    }

    /// <summary>What a policy says.</summary>
    public static (string Name, FieldValue Value)[] Details(Policy policy) =>
    [
        BrokerEvents.Of("pattern", policy.Pattern),
        BrokerEvents.Of("apply-to", PolicyTargets.NameOf(policy.ApplyTo)),
        BrokerEvents.Of("priority", policy.Priority),
        ("definition", FieldValue.Of(BrokerEvents.Table(policy.Definition.Values.Select(static v => (v.Key, v.Value))))),
    ];

    private static void LimitsChanged(this BrokerEvents events, string virtualHost, string name, JsonElement? value)
    {
        var what = new List<(string, FieldValue)>
        {
            BrokerEvents.Of("name", name), BrokerEvents.Of("vhost", virtualHost), events.By(null),
        };
        if (value is { ValueKind: JsonValueKind.Object } limits)
        {
            what.AddRange(limits.EnumerateObject().Select(static p => (p.Name, BrokerEvents.Json(p.Value))));
        }

        events.Emit(value is null ? "vhost.limits.cleared" : "vhost.limits.set", [.. what]);
    }

    private static void EmitVirtualHost(this BrokerEvents events, string key, string name, VirtualHostSettings settings)
    {
        if (events.IsHeard)
        {
            events.Emit(
                key,
                BrokerEvents.Of("name", name),
                BrokerEvents.Of("description", settings.Description),
                BrokerEvents.Of("tags", settings.Tags),
                BrokerEvents.Of("default_queue_type", settings.DefaultQueueType ?? "undefined"),
                BrokerEvents.Of("tracing", settings.Tracing),
                BrokerEvents.Of("deletion_protection", settings.ProtectedFromDeletion),
                events.By(null));
        }
    }
}
