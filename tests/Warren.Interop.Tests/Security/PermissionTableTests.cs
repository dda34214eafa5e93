using System.Text.RegularExpressions;
using Warren.Cli.Ctl;
using Warren.Management.Endpoints;
using Warren.Management.Routing;
using Warren.Wire.Amqp091;

namespace Warren.Interop.Tests.Security;

/// <summary>A new operation has to say what right it takes: reliability, 40, and goal G17.</summary>
public sealed partial class PermissionTableTests
{
    [Fact]
    public void Every_method_of_a_client_has_a_row()
    {
        IEnumerable<MethodId> known = AmqpTable.Rows.Select(r => r.Method).Concat(AmqpTable.OfServer).Concat(AmqpTable.Elsewhere.Keys);

        Assert.Empty(Enum.GetValues<MethodId>().Except([MethodId.None, .. known]));
    }

    [Fact]
    public void Every_method_of_every_resource_has_a_row()
    {
        var routes = new ApiRoutes();
        EndpointTable.Map(routes);
        IEnumerable<string> known = HttpTable.Rows.Select(r => $"{r.Method} {Parameter().Replace(r.Path, "{}")}");

        string[] there =
        [
            .. from at in routes.All
               from action in at.Resource.Methods
               select $"{action.Method} {Parameter().Replace(at.Path, "{}")}",
        ];

        Assert.Equal("", string.Join("; ", there.Except(known).Order()));
        Assert.Equal("", string.Join("; ", known.Except(there).Order()));
    }

    [Fact]
    public void Every_command_has_a_row()
    {
        IEnumerable<string> known = CtlTable.Rows.Select(r => r.Command);

        Assert.Equal("", string.Join("; ", CommandTable.All.Select(c => c.Name).Except(known)));
        Assert.Equal("", string.Join("; ", known.Except(CommandTable.All.Select(c => c.Name))));
    }

    [Fact]
    public void A_row_that_is_about_something_else_names_a_test_that_is_there()
    {
        Assert.All(AmqpTable.Elsewhere.Values, test => Assert.NotNull(typeof(AmqpPermissionTests).GetMethod(test)));
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}
