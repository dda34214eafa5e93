using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Parameters;
using Warren.Core.Policies;

namespace Warren.Management.Views;

/// <summary>Policies and parameters, as the HTTP API and definitions show them.</summary>
internal static class PolicyView
{
    /// <summary>The component under which operator policies stand among the parameters.</summary>
    public const string OperatorPolicyComponent = "operator_policy";

    /// <summary>A policy.</summary>
    public static JsonObject Of(Policy policy) => new()
    {
        ["vhost"] = policy.VirtualHost,
        ["name"] = policy.Name,
        ["pattern"] = policy.Pattern,
        ["apply-to"] = PolicyTargets.NameOf(policy.ApplyTo),
        ["definition"] = policy.Definition.ToJson(),
        ["priority"] = policy.Priority,
    };

    /// <summary>A parameter.</summary>
    public static JsonObject Of(Parameter parameter) => new()
    {
        ["value"] = JsonNodes.Of(parameter.Value),
        ["vhost"] = parameter.VirtualHost,
        ["component"] = parameter.Component,
        ["name"] = parameter.Name,
    };

    /// <summary>A parameter of the whole broker.</summary>
    public static JsonObject Of(GlobalParameter parameter) => new()
    {
        ["name"] = parameter.Name,
        ["value"] = JsonNodes.Of(parameter.Value),
    };

    /// <summary>An operator policy as the parameter it is in RabbitMQ.</summary>
    public static JsonObject AsParameter(Policy policy) => new()
    {
        ["value"] = new JsonObject
        {
            ["pattern"] = policy.Pattern,
            ["apply-to"] = PolicyTargets.NameOf(policy.ApplyTo),
            ["definition"] = policy.Definition.ToJson(),
            ["priority"] = policy.Priority,
        },
        ["vhost"] = policy.VirtualHost,
        ["component"] = OperatorPolicyComponent,
        ["name"] = policy.Name,
    };

    /// <summary>All parameters, the operator policies among them.</summary>
    public static IEnumerable<JsonObject> AllParameters(Broker broker) =>
        broker.Parameters.All.Select(Of).Concat(broker.Policies.All(isOperators: true).Select(AsParameter));
}
