using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>pika and Celery from Python; each case is a function of a script in the folder python.</summary>
public sealed class PythonTests
{
    private readonly SharedBroker _broker;

    public PythonTests(SharedBroker broker) => _broker = broker;

    /// <summary>Script and case.</summary>
    public static TheoryData<string, string> Cases =>
        ScriptCases.Of("python/articles.py", "python/pika_features.py", "python/celery_worker.py");

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case_works(string script, string name) => Script.CaseWorksAsync(script, name, _broker);
}

/// <summary>amqplib from JavaScript; each case is a function of a script in the folder js.</summary>
public sealed class JavaScriptTests
{
    private readonly SharedBroker _broker;

    public JavaScriptTests(SharedBroker broker) => _broker = broker;

    /// <summary>Script and case.</summary>
    public static TheoryData<string, string> Cases => ScriptCases.Of("js/articles.js", "js/features.js");

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case_works(string script, string name) => Script.CaseWorksAsync(script, name, _broker);
}

/// <summary>MQTT programs in Python and JavaScript: paho-mqtt, mqtt.js, and pika and amqplib at the other end.</summary>
public sealed class MqttScriptTests
{
    private readonly SharedBroker _broker;

    public MqttScriptTests(SharedBroker broker) => _broker = broker;

    /// <summary>Script and case.</summary>
    public static TheoryData<string, string> Cases => ScriptCases.Of("python/mqtt_programs.py", "js/mqtt_programs.js");

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case_works(string script, string name)
    {
        Assert.SkipWhen(_broker.Process is null, "needs a process of its own");
        return Script.CaseWorksAsync(script, name, _broker);
    }
}

internal static class ScriptCases
{
    public static TheoryData<string, string> Of(params string[] scripts)
    {
        TheoryData<string, string> data = [];
        foreach (string script in scripts)
        {
            foreach (string name in Script.CasesOf(script))
            {
                data.Add(script, name);
            }
        }

        return data;
    }
}
