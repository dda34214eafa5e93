using System.Net;
using System.Text;

namespace Warren.Cli.Tests;

/// <summary>A management API of canned answers that remembers what it was asked.</summary>
internal sealed class FakeBroker : HttpMessageHandler
{
    private readonly Dictionary<string, (HttpStatusCode Status, string Body)> _answers = new(StringComparer.Ordinal);

    public FakeBroker()
    {
        Answer("GET overview", """
            {"node":"rabbit@here","rabbitmq_version":"4.1.0","product_name":"Warren","product_version":"0.1.0","cluster_name":"c1",
             "erlang_version":"27","object_totals":{"connections":1,"queues":3},
             "listeners":[{"node":"rabbit@here","protocol":"amqp","ip_address":"::","port":5672},
                          {"node":"rabbit@here","protocol":"http","ip_address":"127.0.0.1","port":15672}]}
            """);
        Answer("GET nodes/rabbit%40here", """
            {"name":"rabbit@here","running":true,"os_pid":"1","uptime":5000,"mem_used":1000000,"mem_limit":2000000,"mem_alarm":false,
             "disk_free":500000000,"disk_free_limit":50000000,"disk_free_alarm":false,"enabled_plugins":["rabbitmq_management"],"db_dir":"/data",
             "config_files":["/etc/warren.conf"],"log_files":["<stdout>"],"mem_calculation_strategy":"rss"}
            """);
        Answer("GET nodes/rabbit%40here/memory", """{"memory":{"code":250,"binary":750,"total":{"rss":1000}}}""");
        Answer("GET vhosts", """[{"name":"/","cluster_state":{"rabbit@here":"running"}}]""");
    }

    /// <summary>Method, path below <c>/api/</c> and body of every request.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The requests that change something.</summary>
    public IEnumerable<string> Changes => Requests.Where(r => !r.StartsWith("GET ", StringComparison.Ordinal));

    /// <summary>The reason the last DELETE gave.</summary>
    public string? CloseReason { get; private set; }

    /// <summary>Whether nobody listens.</summary>
    public bool IsDown { get; set; }

    /// <summary>Sets the answer to a request, without its query.</summary>
    public FakeBroker Answer(string request, string body, HttpStatusCode status = HttpStatusCode.OK)
    {
        _answers[request] = (status, body);
        return this;
    }

    /// <summary>Answers a request with an error.</summary>
    public FakeBroker Refuse(string request, HttpStatusCode status, string reason) =>
        Answer(request, $$"""{"error":"x","reason":"{{reason}}"}""", status);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsDown)
        {
            throw new HttpRequestException("Connection refused");
        }

        string path = request.RequestUri!.PathAndQuery["/api/".Length..];
        string key = $"{request.Method} {path.Split('?')[0]}";
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add($"{request.Method} {path} {body}".TrimEnd());
        if (request.Headers.TryGetValues("X-Reason", out IEnumerable<string>? reasons))
        {
            CloseReason = reasons.Single();
        }

        (HttpStatusCode status, string answer) = _answers.TryGetValue(key, out (HttpStatusCode Status, string Body) known)
            ? known
            : request.Method == HttpMethod.Get
                ? (HttpStatusCode.NotFound, """{"error":"Object Not Found","reason":"Not Found"}""")
                : (HttpStatusCode.NoContent, "");
        return new HttpResponseMessage(status) { Content = new StringContent(answer, Encoding.UTF8, "application/json") };
    }
}
